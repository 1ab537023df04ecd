"""Uses every part of voicelab where some packages are not installed.

`python -m tests.support.without [--kept] PACKAGE...` hides these from the interpreter
as if they were not there: their modules are not found, nor what they say of themselves.
It prints, as JSON, what came of using each part once: `works`, or what it said instead.
With `--kept`, what models said before may be taken from the cache; else they are asked.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from functools import partial
from importlib.metadata import Distribution, DistributionFinder, packages_distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

import voicelab as vl
from tests.support.cascades import written_request
from voicelab.audio import read_audio
from voicelab.cli.app import app
from voicelab.errors import EndpointError, MissingPartError
from voicelab.paths import data_dir
from voicelab.responders.cascade import Turn
from voicelab.responders.chat import ChatEndpoint
from voicelab.responders.chat.client import EndpointChat
from voicelab.speech.stt import make_recogniser
from voicelab.speech.tts import make_voice
from voicelab.sweeps.cluster import Cluster
from voicelab.sweeps.table import write_table

WORKS = "works"
KEPT = "--kept"


class Hiding:
    """A finder of modules and packages that does not find some of them.

    Args:
        finder: finds all.
        modules: the names of modules that are hidden.
        packages: the names of packages that are.
    """

    def __init__(
        self, finder: Any, modules: Collection[str], packages: Collection[str]
    ) -> None:
        self._finder = finder
        self._modules = modules
        self._packages = packages

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name.partition(".")[0] in self._modules:
            return None
        return self._finder.find_spec(name, path, target)

    def find_distributions(
        self, context: DistributionFinder.Context | None = None
    ) -> Iterator[Distribution]:
        find = getattr(self._finder, "find_distributions", None)
        if find is None:
            return
        for found in find(context or DistributionFinder.Context()):
            if found.metadata["Name"] not in self._packages:
                yield found

    def invalidate_caches(self) -> None:
        getattr(self._finder, "invalidate_caches", lambda: None)()


def hide(packages: Collection[str]) -> None:
    """Hide packages from this process; nothing of them may be imported yet."""
    modules = {
        module
        for module, owners in packages_distributions().items()
        if set(owners) & set(packages)
    }
    assert modules, packages
    assert not modules & set(sys.modules), modules & set(sys.modules)
    sys.meta_path[:] = [Hiding(each, modules, packages) for each in sys.meta_path]
    sys.path_importer_cache.clear()
    assert not any(map(find_spec, modules))


# -- the parts, each used once ---------------------------------------------------


def a_run() -> None:
    heard = {"turn_detection": {"type": "semantic_vad", "eagerness": "high"}}
    run = vl.run("card-game", session={"audio": {"input": heard}})
    assert run.summary.answered


def a_cascade() -> None:
    assert len(vl.run("card-game", agent={"responder": "cascade"}).stages)


def a_check_up() -> None:
    told = CliRunner().invoke(app, ["doctor"])
    assert told.exit_code == 0, told.output


def hear(recogniser: str, *, kept: bool) -> None:
    file = data_dir() / "conversations" / "dentist.reply-4.wav"
    samples = read_audio(file, channel=0, rate_hz=16_000).samples[:32_000]
    assert make_recogniser(recogniser, cached=kept).recognise(samples).text


def say(voice: str, *, kept: bool) -> None:
    assert make_voice(voice, cached=kept).synthesise("Hello.").words


def ask() -> None:
    """Ask an endpoint that is not there: finding that out takes the client."""
    endpoint = ChatEndpoint(url="http://127.0.0.1:9/v1", model="m", retries=0)
    with suppress(EndpointError):
        list(EndpointChat(endpoint).answer(Turn(written_request("Hello?"))))


def bridge() -> None:
    told = CliRunner().invoke(app, ["bridge", "browser", "--upstream", "no URL"])
    assert told.exit_code == 2
    if "pip install" in told.output:
        raise MissingPartError(told.output)


def explore() -> None:
    vl.widgets.explorer("card-game")


def spread() -> None:
    """Look for a cluster that is not there: finding that out takes the package."""
    with suppress(EndpointError):
        Cluster("tcp://127.0.0.1:9")


def tabulate() -> None:
    import pandas as pd  # noqa: PLC0415 -- takes pyarrow in, if it finds it

    with tempfile.TemporaryDirectory() as folder:
        names = [file.suffix for file in write_table(pd.DataFrame([1]), Path(folder))]
    if names != [".csv", ".parquet"]:
        raise MissingPartError(f"written: {', '.join(names)}")


MODELS: dict[str, Callable[..., None]] = {
    "recogniser moonshine": partial(hear, "moonshine"),
    "recogniser whisper": partial(hear, "whisper"),
    "kokoro voices": partial(say, "heart"),
    "voice joe": partial(say, "joe"),
}
USES: dict[str, Callable[[], None]] = {
    "a run": a_run,
    "a cascade": a_cascade,
    "a check-up": a_check_up,
    "chat client": ask,
    "bridges": bridge,
    "notebooks": explore,
    "cluster": spread,
    "tables": tabulate,
}
"""How each part is used, by its name; models, whether what is kept may be taken."""


def main(packages: Collection[str], *, kept: bool) -> None:
    """Hide packages, use all parts, and print what came of it."""
    hide(packages)
    uses = dict(USES)
    for name, model in MODELS.items():
        uses[name] = partial(model, kept=kept)
    told = {}
    for name, use in uses.items():
        try:
            use()
        except MissingPartError as error:
            told[name] = str(error)
        else:
            told[name] = WORKS
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    arguments = sys.argv[1:]
    main([each for each in arguments if each != KEPT], kept=KEPT in arguments)
