"""What the caller speaks into and listens with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from voicelab.clock import Timebase
from voicelab.lab.hearing import Hearer
from voicelab.lab.spoken import SpokenTurns
from voicelab.record.recorder import Recorder
from voicelab.transport.connection import HangUpListener
from voicelab.transport.link import Network


class Device(Protocol):
    """The caller's end of a conversation: a client application, a telephone."""

    async def open(self) -> None:
        """Do what comes before the conversation.

        Raises:
            EndpointError: there will be no conversation.
        """
        ...

    def let_agent_begin(self) -> None:
        """The agent is to speak first."""
        ...

    def send_audio(self, audio: bytes) -> None:
        """Send a microphone frame, in the uplink's format."""
        ...

    def catch_up(self) -> None:
        """Tell the recorder by now of all that was heard, if a timer is late."""
        ...

    def turn_begins(self) -> None:
        """The caller begins a turn; a device with a button to talk presses it."""
        ...

    def turn_ends(self) -> None:
        """The last frame of the turn is sent."""
        ...

    def close(self) -> None:
        """Stop playing and hang up."""
        ...


@dataclass(frozen=True)
class Surroundings:
    """What a device is connected to on the caller's side.

    Attributes:
        time: the clock of the conversation.
        recorder: sees everything.
        spoken: what the caller will have said, for an agent that knows.
        hearer: whoever listens to the agent.
        on_change: to be called after anything that the caller may react to.
        on_hang_up: to be called if the far side ends the conversation.
    """

    time: Timebase
    recorder: Recorder
    spoken: SpokenTurns
    hearer: Hearer
    on_change: Callable[[], None]
    on_hang_up: HangUpListener


class Reach(Protocol):
    """How the caller reaches the agent.

    Attributes:
        network: what is emulated on the way.
    """

    network: Network

    async def connect(self, around: Surroundings) -> Device:
        """Return the caller's device, connected.

        Raises:
            EndpointError: there is nobody, or it does not let us in.
        """
        ...

    async def hang_up(self) -> None:
        """End what is left of the connection; the device is closed."""
        ...
