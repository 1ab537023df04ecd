"""Everything voicelab raises on purpose.

* `VoicelabError`
    * `InputError`: something the user gave is wrong (exit code 2)
        * `AudioError`: a sound file
        * `LabelError`: a label file
        * `ScenarioError`: a scenario file or a setting
        * `ProfileError`: a latency profile
        * `FaultError`: a fault that shall be injected
        * `PriceError`: a price file
        * `RunFormatError`: a run folder
        * `SweepError`: a sweep file, or the folder of a sweep
        * `StatisticsError`: too little, or no numbers, to make a statistic of
        * `BudgetError`: a budget, or a baseline
        * `CurveError`: an operating curve, or a setting on it, that cannot be had
        * `ModalityError`: an assumption about speech and text, or a question to them
    * `ProtocolError`: the Realtime protocol was broken
        * `LocalProtocolError`: by our side; a defect here
        * `RemoteProtocolError`: by the peer (exit code 3)
            * `LegError`: between a bridge and whoever has the caller
    * `EndpointError`: the far side cannot be reached, or went away (exit code 3)
    * `OverloadError`: more was asked of a server than it can do
    * `CostLimitError`: a live run reached what it may cost (exit code 1)
    * `ClockError`: virtual time was used in a way it cannot keep
        * `DeadlockError`: every task waits and nothing can wake one
    * `MissingPartError`: an optional package is not installed (exit code 2)

An error carries its fields; the sentence is built from them, names the place,
what was wrong and, where there is one, the way out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

EXIT_DONE = 0
EXIT_CHECK_FAILED = 1
EXIT_BAD_INPUT = 2
EXIT_FAR_SIDE = 3


class VoicelabError(Exception):
    """The root of every error that voicelab raises on purpose."""

    exit_code: int = EXIT_CHECK_FAILED


class InputError(VoicelabError):
    """Something that the user gave is wrong.

    Attributes:
        problem: what is wrong, in one clause.
        file: the file in which it was found.
        line: the line of the file, counted from 1.
        path: the dotted path of the offending field, such as `session.audio`.
        fix: what would be right, in one clause.
    """

    exit_code = EXIT_BAD_INPUT

    def __init__(
        self,
        problem: str,
        *,
        file: Path | str | None = None,
        line: int | None = None,
        path: str | None = None,
        fix: str | None = None,
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.file = file
        self.line = line
        self.path = path
        self.fix = fix

    def __str__(self) -> str:
        place = "" if self.file is None else str(self.file)
        if self.line is not None:
            place += f":{self.line}"
        where = [part for part in (place, self.path) if part]
        sentence = ": ".join([*where, self.problem])
        return f"{sentence}; {self.fix}" if self.fix else sentence


class AudioError(InputError):
    """A sound file cannot be used."""


class LabelError(InputError):
    """A label file cannot be used."""


class ScenarioError(InputError):
    """A scenario file, or a setting given beside it, cannot be used."""


class ProfileError(InputError):
    """A latency profile cannot be used."""


class PriceError(InputError):
    """A price file cannot be used."""


class FaultError(InputError):
    """A fault cannot be injected as it is described."""


class RunFormatError(InputError):
    """A run folder cannot be read."""


class SweepError(InputError):
    """A sweep file, or the folder of a sweep, cannot be used."""


class StatisticsError(InputError):
    """A statistic cannot be had from what was given."""


class CurveError(InputError):
    """An operating curve, or a setting on one, cannot be had as it was asked for."""


class ModalityError(InputError):
    """An assumption about speech and text, or a question to them, is wrong."""


class BudgetError(InputError):
    """A budget or a baseline cannot be used."""


class MissingPartError(InputError):
    """An optional package is not installed."""


class ProtocolError(VoicelabError):
    """The Realtime protocol was broken; raised only as one of its subclasses."""


class LocalProtocolError(ProtocolError):
    """Our side was asked to send what the protocol does not allow."""


class RemoteProtocolError(ProtocolError):
    """The peer sent what the protocol does not allow."""

    exit_code = EXIT_FAR_SIDE


class LegError(RemoteProtocolError):
    """A message between a bridge and its provider is none of the leg's protocol.

    Attributes:
        leg: the leg's name.
        sender: who sent it: `provider` or `bridge`.
        problem: what is wrong, in one clause.
    """

    def __init__(self, leg: str, sender: str, problem: str) -> None:
        super().__init__(leg, sender, problem)
        self.leg = leg
        self.sender = sender
        self.problem = problem

    def __str__(self) -> str:
        leg, problem = self.leg, self.problem
        return f"the {self.sender} sent no message of the {leg} leg: {problem}"


class EndpointError(VoicelabError):
    """The far side cannot be reached, lets nobody in, or went away."""

    exit_code = EXIT_FAR_SIDE


class OverloadError(VoicelabError):
    """More was asked of a server than it can do; what was refused was not begun."""


class CostLimitError(VoicelabError):
    """A live run reached what it may cost."""

    exit_code = EXIT_CHECK_FAILED


class ClockError(VoicelabError):
    """Virtual time was used in a way it cannot keep."""


class DeadlockError(ClockError):
    """Every task waits and no timer, job or message can wake one.

    Attributes:
        t_ns: the virtual instant at which everything stood still.
        waits: one line a task: its name, the place, what it waits for.
    """

    def __init__(self, t_ns: int, waits: Sequence[str]) -> None:
        super().__init__(t_ns, waits)
        self.t_ns = t_ns
        self.waits = tuple(waits)

    def __str__(self) -> str:
        tasks = "; ".join(self.waits) or "no task is alive"
        return (
            f"deadlock at {self.t_ns / 1e9:.3f} s of virtual time: nothing is "
            f"scheduled that could wake any task ({tasks})"
        )
