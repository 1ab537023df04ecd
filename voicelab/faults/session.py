"""A server session with which things go wrong on purpose, without clock or socket."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod

from voicelab.faults.errors import CommitErrorStage
from voicelab.faults.model import Fault
from voicelab.faults.stage import Desk, Parcel
from voicelab.faults.stages import stages_for
from voicelab.faults.truth import SentAudio
from voicelab.protocol import client_events as ce
from voicelab.protocol.codec import decode_client, encode
from voicelab.protocol.ids import IdSource
from voicelab.protocol.items import tag_of
from voicelab.protocol.wire_errors import WireError
from voicelab.session.hosted import HostedSession
from voicelab.session.outbox import HangUp, Note, OutboxEntry

_COMMIT = tag_of(ce.InputAudioBufferCommit)


class FaultySession:
    """A server session and the faults that stand between it and its client.

    It is used as the session is. Faults act in the order in which they stand, each
    on what the one before left; which events each of them strikes is decided on
    what the session itself says, so one fault more changes nothing for the others.
    Whenever one strikes, a note of type `fault` says so to the record.

    Args:
        session: the session; nobody else uses it.
        faults: what goes wrong.
        seed: equal seeds and equal sessions give equal faults.
    """

    def __init__(
        self, session: HostedSession, faults: Iterable[Fault], seed: int
    ) -> None:
        self._session = session
        desk = Desk(IdSource(seed, "faults"), self._tell)
        self._stages = stages_for(faults, desk, seed)
        self._refusers = [
            (place, stage)
            for place, stage in enumerate(self._stages)
            if isinstance(stage, CommitErrorStage)
        ]
        self._sent_audio = SentAudio()
        self._outbox: list[OutboxEntry] = []
        self._end: HangUp | None = None
        self._over = False
        self._now_ns = 0

    # -- the host's side ----------------------------------------------------

    def open(self, now_ns: int) -> None:
        """Greet the client."""
        self._now_ns = now_ns
        for stage in self._stages:
            stage.opened(now_ns)
        self._session.open(now_ns)
        self._collect()

    def receive(self, message: bytes | str, now_ns: int) -> ce.ClientEvent | None:
        """Act on one text message of the client, received at `now_ns`.

        Returns:
            The event, refused or not; None if the message was not one.
        """
        if self._over:
            return None
        self._now_ns = now_ns
        event = self._refused(message)
        if event is None:
            event = self._session.receive(message, now_ns)
        self._collect()
        return event

    def refuse(self, error: WireError, now_ns: int) -> None:
        """Report what the host could not even pass on, such as a binary frame."""
        self._now_ns = now_ns
        self._session.refuse(error, now_ns)
        self._collect()

    def advance(self, now_ns: int) -> None:
        """Do what has become due by `now_ns`."""
        if self._over:
            return
        self._now_ns = now_ns
        self._session.advance(now_ns)
        self._collect()

    def next_deadline(self) -> int | None:
        """Return when `advance` is next needed, None while it is not.

        Unlike that of the session inside, it may move although nothing was said.
        """
        if self._over:
            return None
        deadlines = [stage.next_deadline() for stage in self._stages]
        deadlines.append(self._session.next_deadline())
        return min((due for due in deadlines if due is not None), default=None)

    def take_outbox(self) -> list[OutboxEntry]:
        """Return events to send and notes to record, in order, once each.

        After a `HangUp`, which is always the last, there is nothing more.
        """
        taken, self._outbox = self._outbox, []
        return taken

    def close(self, now_ns: int) -> None:
        """The client is gone: what was held back is lost, what is true is noted."""
        if not self._over:
            self._now_ns = now_ns
            self._session.close(now_ns)
            self._over = True
            self._keep_notes()

    # -- what comes in ------------------------------------------------------

    def _refused(self, message: bytes | str) -> ce.ClientEvent | None:
        """Return the commit in a message if a fault refuses it."""
        if not self._refusers or not _mentions_commit(message):
            return None
        try:
            event = decode_client(message)
        except WireError:
            return None
        if not isinstance(event, ce.InputAudioBufferCommit):
            return None
        for place, stage in self._refusers:
            refusal = list(stage.refuse(event))
            if refusal:
                for parcel in refusal:
                    self._pass_on(parcel, place + 1)
                return event
        return None

    def _tell(self, event: ce.ClientEvent) -> None:
        self._session.receive(encode(event), self._now_ns)

    # -- what goes out ------------------------------------------------------

    def _collect(self) -> None:
        """Pass on what is due, then all that the session has to say."""
        for place, stage in enumerate(self._stages):
            for parcel in stage.due(self._now_ns):
                self._pass_on(parcel, place + 1)
        while entries := self._session.take_outbox():
            for entry in entries:
                self._pass_on(self._addressed(entry), 0)
        if self._end is not None and not self._over:
            self._hang_up(self._end)

    def _addressed(self, entry: OutboxEntry) -> Parcel:
        """Decide which faults strike what the session says."""
        if isinstance(entry, Note):
            return Parcel(self._sent_audio.told(entry))
        if isinstance(entry, HangUp):
            return Parcel(entry)
        marks = frozenset(
            place for place, stage in enumerate(self._stages) if stage.strikes(entry)
        )
        copies = prod(self._stages[place].copies for place in marks)
        self._sent_audio.leaves(entry, copies)
        return Parcel(entry, marks)

    def _pass_on(self, parcel: Parcel, first: int) -> None:
        """Pass a parcel through the stages from the one at `first` on."""
        parcels = [parcel]
        for place in range(first, len(self._stages)):
            stage = self._stages[place]
            parcels = [
                out
                for each in parcels
                for out in stage.take(
                    each, struck=place in each.marks, now_ns=self._now_ns
                )
            ]
        for left in parcels:
            self._emit(left.entry)

    def _emit(self, entry: OutboxEntry) -> None:
        """Say an entry; after the end nothing is said, but truths are kept."""
        if isinstance(entry, Note) or self._end is None:
            if isinstance(entry, HangUp):
                self._end = entry
            else:
                self._outbox.append(entry)

    def _hang_up(self, end: HangUp) -> None:
        self._session.close(self._now_ns)
        self._keep_notes()
        self._outbox.append(end)
        self._over = True

    def _keep_notes(self) -> None:
        self._outbox += [
            self._sent_audio.told(entry)
            for entry in self._session.take_outbox()
            if isinstance(entry, Note)
        ]


def with_faults(
    session: HostedSession, faults: Sequence[Fault], seed: int
) -> HostedSession:
    """Return a session in which the faults happen: itself if there are none."""
    return FaultySession(session, faults, seed) if faults else session


def _mentions_commit(message: bytes | str) -> bool:
    if isinstance(message, bytes):
        return _COMMIT.encode() in message
    return _COMMIT in message
