"""From the paths on a command line to run folders: find, check, run, save, draw."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from voicelab.errors import ScenarioError

if TYPE_CHECKING:
    from voicelab.lab.drive.bridge import Bridge
    from voicelab.lab.drive.upstream import Upstream
    from voicelab.lab.endpoint import Endpoint
    from voicelab.result import Run
    from voicelab.scenario import Scenario


@dataclass(frozen=True)
class Finished:
    """A conversation that was run, and where it was left.

    Attributes:
        name: the scenario's name.
        run: what came out.
        folder: the run folder.
        timeline: the figure beside it.
    """

    name: str
    run: Run
    folder: Path
    timeline: Path


def load_scenarios(
    paths: Iterable[str], settings: Sequence[str], seed: int | None
) -> list[Scenario]:
    """Return the scenarios that the paths name, all of them checked.

    Args:
        paths: scenario files, bundled names, or folders of `*.yaml` files.
        settings: changes to each, such as `client.frame_ms=40`.
        seed: the seed of each; None leaves the scenario's own.

    Raises:
        InputError: a path leads to no scenario, or a scenario or setting is wrong.
    """
    from voicelab.scenario import find_scenario, load_scenario  # noqa: PLC0415 -- slow

    changes = [*settings, *([] if seed is None else [f"seed={seed}"])]
    files = [find_scenario(each) for path in paths for each in _expand(path)]
    return [load_scenario(file, changes) for file in files]


def load_one(path: str, settings: Sequence[str], seed: int | None) -> Scenario:
    """Return the one scenario that a path names, checked; see `load_scenarios`.

    Raises:
        InputError: the path leads to no scenario, or to a folder of several, or the
            scenario or a setting is wrong.
    """
    found = load_scenarios([path], settings, seed)
    if len(found) > 1:
        raise ScenarioError(
            f"this folder holds {len(found)} scenarios",
            file=path,
            fix="name one of them",
        )
    return found[0]


def _expand(path: str) -> Sequence[Path | str]:
    if not Path(path).is_dir():
        return [path]
    files = sorted(Path(path).glob("*.y*ml"))
    if not files:
        raise ScenarioError("there is no *.yaml file in this folder", file=path)
    return files


def run_all(
    scenarios: Sequence[Scenario], out: Path, endpoint: Endpoint | None = None
) -> Iterator[Finished]:
    """Run the scenarios one after the other; yield each when it is done and saved.

    Args:
        scenarios: what to run.
        out: the folder of run folders; it is made.
        endpoint: where to run them live; None runs them in virtual time. Its limit
            is for all of them together.

    Raises:
        InputError: the folder cannot be written to, or a file that a scenario
            names turns out to be wrong.
        EndpointError: the far side failed; what has been recorded is kept.
    """
    with progress(len(scenarios)) as bar:
        for scenario in scenarios:
            finished = _run_one(scenario, out, endpoint, bar)
            yield finished
            endpoint = _with_what_is_left(endpoint, finished.run)


def _with_what_is_left(endpoint: Endpoint | None, run: Run) -> Endpoint | None:
    """Return the endpoint with the limit lowered by what a run has cost."""
    if endpoint is None or endpoint.max_cost_usd is None:
        return endpoint
    spent = run.manifest["live"]["usage"]["cost_usd"] or 0.0
    return replace(endpoint, max_cost_usd=max(endpoint.max_cost_usd - spent, 0.0))


def _run_one(
    scenario: Scenario, out: Path, endpoint: Endpoint | None, progress: Progress
) -> Finished:
    import voicelab  # noqa: PLC0415 -- slow

    progress.begin(scenario.name)
    run = voicelab.run(scenario, out=out, live=endpoint)
    timeline = out / f"{scenario.name}-{run.run_id}.png"
    voicelab.plot.timeline(run).save(timeline)
    progress.advance()
    return Finished(scenario.name, run, out / run.run_id, timeline)


def drive_one(
    scenario: Scenario,
    out: Path,
    bridge: Bridge,
    *,
    serve_at: tuple[str, int],
    serve_key: str | None,
    on_listening: Callable[[Upstream], None],
) -> Finished:
    """Drive a bridge through a scenario.

    Args:
        scenario: whose caller and agent meet.
        out: the folder of run folders; it is made.
        bridge: where the bridge is.
        serve_at: the address and the port at which it finds its server.
        serve_key: the key that it must have; None lets it in without.
        on_listening: told when the server can be reached.

    Raises:
        InputError: the folder, the address or a file of the scenario cannot be used.
        EndpointError: the bridge failed; what has been recorded is kept.
    """
    from voicelab.lab.drive.run import drive  # noqa: PLC0415 -- slow
    from voicelab.plot import timeline  # noqa: PLC0415 -- slow
    from voicelab.result import load_run  # noqa: PLC0415 -- slow
    from voicelab.serve import ServeOptions  # noqa: PLC0415 -- slow
    from voicelab.serve.upstream import EmbeddedUpstream  # noqa: PLC0415 -- slow

    host, port = serve_at
    keys = () if serve_key is None else (serve_key,)
    options = ServeOptions(host=host, port=port, api_keys=keys)
    upstream = EmbeddedUpstream(scenario, options)
    folder = drive(scenario, out, bridge, upstream, on_listening)
    run = load_run(folder)
    figure = out / f"{scenario.name}-{run.run_id}.png"
    timeline(run).save(figure)
    return Finished(scenario.name, run, folder, figure)


class Progress(Protocol):
    """What is told about work that takes a while."""

    def begin(self, name: str) -> None:
        """Say what is worked on now."""

    def advance(self) -> None:
        """Count one piece of work as done."""


class _Silence:
    """Progress where nobody watches."""

    def begin(self, name: str) -> None: ...

    def advance(self) -> None: ...


@contextmanager
def progress(total: int, *, done: int = 0, rated: bool = False) -> Iterator[Progress]:
    """Show a bar on the error stream if that is a terminal; see `progress.Bar`."""
    if not sys.stderr.isatty():
        yield _Silence()
        return
    from voicelab.cli.progress import Bar  # noqa: PLC0415 -- slow

    with Bar(total, done=done, rated=rated) as bar:
        yield bar
