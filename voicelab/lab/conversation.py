"""Drives one conversation from its first frame to its last."""

from __future__ import annotations

import asyncio
from array import array
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO

from voicelab.clock import timebase
from voicelab.errors import EndpointError
from voicelab.lab.channel import ChannelEffects
from voicelab.lab.device import Reach, Surroundings
from voicelab.lab.director import (
    Director,
    FixedDirector,
    Mark,
    ReactiveDirector,
    Utter,
)
from voicelab.lab.materials import Materials
from voicelab.lab.mouth import Mouth
from voicelab.lab.relations import (
    BargeIn,
    Continuation,
    Opening,
    Relation,
)
from voicelab.lab.spoken import SpokenTurns
from voicelab.record.memory_log import MemoryLog
from voicelab.record.recorder import Recorder
from voicelab.scenario.model import Scenario
from voicelab.transport.connection import Closing
from voicelab.units import (
    MS_PER_S,
    NS_PER_MS,
    ms_to_ns,
    ns_to_ms,
    ns_to_samples,
    samples_to_ns,
)


@dataclass(frozen=True)
class Taped:
    """What a conversation leaves behind.

    Attributes:
        recorder: its event log and tapes, complete as far as it went.
        conversation_ns: from the recording's first sample to the end.
        frames_late_ns: how late each microphone frame was sent; in virtual time
            always 0.
        broken_off: what ended it before its time; None if nothing did.
    """

    recorder: Recorder
    conversation_ns: int
    frames_late_ns: array[int]
    broken_off: BaseException | None = None


class Conversation:
    """One conversation between a recorded caller and an agent.

    Args:
        scenario: what to do.
        materials: what to do it with.
        reach: how the agent is reached, and with what.
        sink: where the event log goes.
    """

    def __init__(
        self,
        scenario: Scenario,
        materials: Materials,
        reach: Reach,
        sink: BinaryIO | MemoryLog,
    ) -> None:
        self._scenario = scenario
        self._materials = materials
        self._reach = reach
        self._sink = sink
        self._spoken = SpokenTurns()
        self._mouth = Mouth(materials.background)
        self._director = self._make_director()
        self._over = asyncio.Event()
        self._broken_off: BaseException | None = None
        self._late_ns = array("q")
        self._timer: asyncio.TimerHandle | None = None
        self._frame = 0
        self._turn_is_over = False  # its last frame is still to be sent
        self._frame_timer: asyncio.TimerHandle | None = None
        uplink = materials.uplink
        self._frame_samples = scenario.client.frame_ms * uplink.rate_hz // MS_PER_S

    async def run(self) -> Taped:
        """Hold the conversation on the running loop's clock.

        Raises:
            EndpointError: there was no conversation: the server cannot be reached,
                or did not confirm the session. A conversation that breaks off is
                returned as far as it went.
        """
        time = timebase()
        self._time = time
        effects = ChannelEffects(self._scenario, self._materials)
        self._recorder = Recorder(
            time,
            self._sink,
            uplink=self._materials.uplink,
            downlink=self._materials.downlink,
            ear_stages=effects.to_ear,
            ear_is_followed=effects.has_echo,
        )
        self._microphone = effects.microphone(self._mouth, self._recorder)
        self._hears_itself = effects.has_echo
        with ExitStack() as on_failure:
            on_failure.callback(self._recorder.discard)
            around = Surroundings(
                time,
                self._recorder,
                self._spoken,
                hearer=self._director,
                on_change=self._direct,
                on_hang_up=self._far_side_hung_up,
            )
            self._device = await self._reach.connect(around)
            try:
                await self._device.open()
                conversation_ns = await self._hold()
            finally:
                await self._hang_up()
            network = self._reach.network
            self._microphone.close()
            self._recorder.link_lost(network.uplink.lost, network.downlink.lost)
            self._recorder.ear.finish(time.now_ns())
            self._recorder.packets_lost(effects.packets())
            self._recorder.finish()
            on_failure.pop_all()
        return Taped(self._recorder, conversation_ns, self._late_ns, self._broken_off)

    async def _hold(self) -> int:
        """Hold the conversation; return how long it lasted."""
        self._begin()
        await self._over.wait()
        return self._time.now_ns() - self._origin_ns

    def break_off(self, why: BaseException) -> None:
        """End the conversation before its time; the first reason stays."""
        if self._broken_off is None and not self._over.is_set():
            self._broken_off = why
            self._over.set()

    def _far_side_hung_up(self, closing: Closing) -> None:
        self.break_off(EndpointError(f"the server hung up ({closing})"))

    # -- setting up ---------------------------------------------------------

    def _make_director(self) -> Director:
        caller, materials = self._scenario.caller, self._materials
        if caller.drive == "reactive":
            step_ns = self._scenario.client.frame_ms * NS_PER_MS
            return ReactiveDirector(materials.turns, caller.patience_ms, step_ns)
        recording_ns = ms_to_ns(materials.recording_ms)
        return FixedDirector(materials.turns, recording_ns, caller.patience_ms)

    # -- the caller's stream ------------------------------------------------

    def _begin(self) -> None:
        """Start the clock of the conversation: its first sample is due now."""
        self._origin_ns = self._time.now_ns()
        self._recorder.set_origin(self._origin_ns)
        self._reach.network.set_zero(self._origin_ns)
        if self._materials.recording is not None:
            self._mouth.place(self._materials.recording, 0)
        if self._materials.agent_opens:
            self._device.let_agent_begin()
        self._director.begin(self._origin_ns)
        self._direct()
        self._await_frame()

    def _await_frame(self) -> None:
        """A frame can be sent when its last sample has been spoken."""
        end = (self._frame + 1) * self._frame_samples
        due_ns = self._origin_ns + samples_to_ns(end, self._materials.uplink.rate_hz)
        self._frame_timer = self._time.call_at_ns(due_ns, self._send_frame, due_ns)

    def _send_frame(self, due_ns: int) -> None:
        self._late_ns.append(self._time.real_ns() - due_ns)
        count = self._frame_samples
        if self._hears_itself:
            self._device.catch_up()
        samples = self._microphone.frame(self._frame * count, count)
        self._frame += 1
        self._device.send_audio(self._materials.uplink.encode(samples))
        if self._turn_is_over:
            self._turn_is_over = False
            self._device.turn_ends()
        self._await_frame()

    async def _hang_up(self) -> None:
        """End everything, and let go of it: nobody refers to it in a circle."""
        for timer in (self._timer, self._frame_timer):
            if timer is not None:
                timer.cancel()
        self._timer = self._frame_timer = None
        self._device.close()
        await self._reach.hang_up()
        del self._device

    # -- the caller's decisions ---------------------------------------------

    def _direct(self) -> None:
        """Do what the caller does now, then wait for their next deadline."""
        director = self._director
        now_ns = self._time.now_ns()
        for act in director.advance(now_ns):
            if isinstance(act, Utter):
                self._utter(act, now_ns)
            else:
                self._mark(act)
        if director.done:
            self._over.set()
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due_ns = director.next_deadline()
        if due_ns is not None:
            self._timer = self._time.call_at_ns(due_ns, self._direct)

    def _utter(self, utter: Utter, now_ns: int) -> None:
        rate_hz = self._materials.uplink.rate_hz
        turn = self._materials.at_rate(utter.turn, rate_hz)
        skip = utter.skip_samples * rate_hz // utter.turn.rate_hz
        position = ns_to_samples(now_ns - self._origin_ns, rate_hz)
        self._mouth.place(turn.clip[skip:], position)

    def _mark(self, mark: Mark) -> None:
        turn = mark.utter.turn
        if mark.kind == "end":
            self._recorder.user("turn.end", {"turn": turn.index})
            self._turn_is_over = turn.kind == "turn"
            return
        self._spoken.add(turn, ns_to_ms(mark.t_ns - self._origin_ns))
        data = {
            "turn": turn.index,
            "kind": turn.kind,
            "text": turn.text,
            "words": [[word.text, word.start_ms, word.end_ms] for word in turn.words],
            "relation": _described(turn.relation),
            "recorded_ms": turn.recorded_ms,
        }
        if mark.utter.patience:
            data["patience"] = True
        if not mark.utter.relation_kept:
            data["relation_kept"] = False
        self._recorder.user("turn.start", data)
        if turn.kind == "turn":
            self._device.turn_begins()


def _described(relation: Relation) -> dict[str, object]:
    if isinstance(relation, Opening):
        return {"kind": "opening", "ms": relation.at_ms}
    if isinstance(relation, BargeIn):
        return {"kind": "barge_in", "ms": relation.offset_ms}
    if isinstance(relation, Continuation):
        return {"kind": "continuation", "ms": relation.gap_ms}
    return {"kind": "reply", "ms": relation.gap_ms}
