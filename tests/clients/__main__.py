"""Put client libraries through their scenarios against `voicelab serve`.

`python -m tests.clients --help` says how; README.md says what is tried.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from tests.clients import environments, trials
from tests.clients.catalogue import CLIENTS, SCENARIOS, Client
from tests.clients.environments import EnvironmentUnavailableError
from tests.clients.trials import Job, Outcome
from tests.support.recordings import ROOT
from tests.support.server_process import ServerProcess

PROFILE = ROOT / "tests" / "support" / "brisk.yaml"
Results = dict[str, Outcome]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for; return 0 if all went well, 1 if anything failed."""
    asked = _parse(arguments)
    clients = [each for each in CLIENTS if each.name in asked.clients]
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    table = Table("client", "version", *asked.scenario, "events checked")
    failures: list[str] = []
    with TemporaryDirectory() as scratch:
        options = ("--profile", str(PROFILE), "--api-key", trials.KEY)
        log_file = Path(scratch) / "serve.log"
        with ServerProcess(*options, log=log_file) as server:
            job = trials.job_for(server.url, server.http_url, Path(scratch))
            for client in clients:
                row, failed = _try(client, asked.scenario, job, fresh=asked.fresh)
                table.add_row(*row)
                failures += failed
        log = log_file.read_text("utf-8")
        (environments.CACHE / "serve.log").write_text(log, "utf-8")
    failures += [f"the server: {line}" for line in log.splitlines() if _bad(line)]
    console.print(table)
    for failure in failures:
        console.print(failure, markup=False)
    return 1 if failures else 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    names = [client.name for client in CLIENTS]
    parser = argparse.ArgumentParser(
        prog="python -m tests.clients", description=__doc__
    )
    parser.add_argument("clients", nargs="*", help=f"some of {', '.join(names)}")
    parser.add_argument("--scenario", action="append", choices=SCENARIOS)
    parser.add_argument("--fresh", action="store_true", help="install anew")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.clients) - set(names):
        parser.error(f"there is no client named {', '.join(sorted(unknown))}")
    asked.clients = asked.clients or names
    asked.scenario = asked.scenario or list(SCENARIOS)
    return asked


def _try(
    client: Client, scenarios: Iterable[str], job: Job, *, fresh: bool
) -> tuple[list[str], list[str]]:
    """Return a client's row of the table, and what failed."""
    scenarios = list(scenarios)
    try:
        folder = environments.prepare(client, fresh=fresh)
        command = environments.command(client, folder)
        version = environments.version(client, folder)
    except EnvironmentUnavailableError as failure:
        row = [client.name, "", *["not run" for _ in scenarios], ""]
        return row, [f"{client.name}: {failure}"]
    results: Results = {}
    for scenario in scenarios:
        sys.stderr.write(f"{client.name} {scenario} …\n")
        results[scenario] = trials.run(
            command, scenario, job, folder / "logs", silent=client.is_silent
        )
    marks = ["FAIL" if result.failure else "pass" for result in results.values()]
    checked = sum(result.events for result in results.values())
    failures = [
        f"{client.name} {scenario}: {result.failure}"
        for scenario, result in results.items()
        if result.failure
    ]
    return [client.name, version, *marks, str(checked or "-")], failures


def _bad(line: str) -> bool:
    """Tell whether a line of the server's log is one that must not be."""
    return " ERROR " in line or line.startswith("Traceback")


if __name__ == "__main__":
    sys.exit(main())
