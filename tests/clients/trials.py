"""One client library put through one scenario."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tests.support.clips import (
    INTERRUPTION,
    LONG_ANSWER,
    QUESTION,
    SHORT_ANSWER,
    pcm,
)
from tests.support.recordings import ROOT
from tests.support.sdk import assert_valid_server_event

AT_MOST_S = 60.0
KEY = "sk-clients"


@dataclass(frozen=True)
class Job:
    """What a client's script is told; it gets it as a JSON file.

    Attributes:
        url: where sessions are opened: `ws://…/v1/realtime`.
        base_url: where REST calls go: `http://…/v1`.
        api_key: the key that lets it in.
        question: a file of 24 kHz PCM, asks for the long answer.
        question_text: its words.
        interruption: a file of 24 kHz PCM, asks for the short answer.
        interruption_text: its words.
        long_answer: how the long answer begins.
        short_answer: all words of the short answer.
        events: where it writes the server's events as it got them, one a line, if
            the library lets it see them.
    """

    url: str
    base_url: str
    question: str
    interruption: str
    events: str = ""
    api_key: str = KEY
    question_text: str = QUESTION
    interruption_text: str = INTERRUPTION
    long_answer: str = LONG_ANSWER
    short_answer: str = SHORT_ANSWER


@dataclass(frozen=True)
class Outcome:
    """How it went.

    Attributes:
        failure: why it failed; empty if it did not.
        events: how many events of the server were held against the models.
    """

    failure: str
    events: int = 0


def job_for(url: str, base_url: str, folder: Path) -> Job:
    """Write what is to be said into a folder; return the job of its trials."""
    question, interruption = folder / "question.pcm", folder / "interruption.pcm"
    question.write_bytes(pcm(QUESTION))
    interruption.write_bytes(pcm(INTERRUPTION))
    return Job(url, base_url, str(question), str(interruption))


def run(
    command: Sequence[str], scenario: str, job: Job, logs: Path, *, silent: bool = False
) -> Outcome:
    """Run a client's script through a scenario, and end whatever it started.

    Args:
        command: what starts the script.
        scenario: the scenario's name.
        job: what the script is told.
        logs: where its output, its job and its events go.
        silent: whether any output is a complaint.
    """
    logs.mkdir(parents=True, exist_ok=True)
    events, told = logs / f"{scenario}.jsonl", logs / f"{scenario}.json"
    events.unlink(missing_ok=True)
    told.write_text(json.dumps(asdict(replace(job, events=str(events)))), "utf-8")
    log = logs / f"{scenario}.log"
    failure = _run_to_its_end([*command, scenario, str(told)], log)
    if silent and not failure:
        failure = log.read_text("utf-8").strip().partition("\n")[0]
    lines = events.read_bytes().splitlines() if events.is_file() else []
    return Outcome(failure or _first_invalid(lines), len(lines))


def _run_to_its_end(command: Sequence[str], log: Path) -> str:
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = process.wait(AT_MOST_S)
        except subprocess.TimeoutExpired:
            return f"did not end within {AT_MOST_S:.0f} s"
        finally:
            _end(process)
    return _last_line(log) if code else ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the script's process group: libraries start processes of their own."""
    with suppress(ProcessLookupError):  # none is left
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text("utf-8").splitlines() if line.strip()]
    return lines[-1].strip() if lines else "failed without a word"


def _first_invalid(lines: Sequence[bytes]) -> str:
    for line in lines:
        try:
            assert_valid_server_event(line)
        except (AssertionError, ValueError) as error:
            return f"invalid event: {error}"
    return ""
