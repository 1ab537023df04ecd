"""What a scenario says: who calls, who answers, over what, and what is expected.

`ScenarioFile` is the file's contract; the JSON schema is made from it. `Scenario`
is the same with its paths found and its session object as it goes on the wire.
Times are milliseconds and may be fractional unless their type says otherwise.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType, field, structs

from voicelab.audio.packets import PACKET_MS, Concealment
from voicelab.audio.room import RoomName
from voicelab.document import EXPECTS
from voicelab.faults.model import Fault
from voicelab.protocol.session_object import SessionObject
from voicelab.responders.cascade.profile import DEFAULT_CASCADE_PROFILE
from voicelab.responders.cascade.rules import DEFAULT_RULES
from voicelab.responders.cascade.stages import DEFAULT_FALLBACK
from voicelab.responders.chat import ChatEndpoint
from voicelab.scenario.label_model import Word

FORMAT_VERSION = 1
"""The version of the scenario file that this module describes."""

DEFAULT_PROFILE = "measured-median"
"""The latency profile of an agent for which none is named."""

DEFAULT_VAD: Literal["silero"] = "silero"
"""The voice-activity scorer of an agent for which none is named."""

Milliseconds: TypeAlias = Annotated[float, Meta(ge=0)]


class Caller(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The recorded caller.

    Attributes:
        audio: the recording, by a path relative to the scenario file.
        channel: the caller's channel of a stereo call, from 0; none for a mono file.
        labels: the label file, by path; without it turns are found by VAD.
        drive: `reactive` keeps each turn's relation to the agent, `fixed` keeps
            the absolute times of the recording.
        patience_ms: how long a reactive caller waits for a silent agent.
        reply_gap_ms: the gap before a reactive turn whose relation to the agent
            the recording does not tell.
    """

    audio: Path
    channel: Annotated[int, Meta(ge=0)] | None = None
    labels: Path | None = None
    drive: Literal["reactive", "fixed"] = "reactive"
    patience_ms: Milliseconds = 5000.0
    reply_gap_ms: Milliseconds = 600.0


class FunctionCall(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A function that a scripted reply calls.

    Attributes:
        name: the function's name.
        arguments: its arguments, sent as JSON.
        output: what the client's function returns, sent back as JSON.
    """

    name: Annotated[str, Meta(min_length=1)]
    arguments: dict[str, Any] = field(default_factory=dict)
    output: Any = None


class Reply(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing that a scripted agent says or does.

    Attributes:
        text: what it says.
        audio: the recording of it, mono, by a path relative to the scenario file.
        words: the words with their times in that recording. A scenario file may
            name a JSON file instead: words, or labels whose agent's words count.
        function_call: the function it calls, after what it says.
    """

    text: str = ""
    audio: Path | None = None
    words: Annotated[
        tuple[Word, ...] | None,
        Meta(extra={EXPECTS: "a list of words or the path of a JSON file of them"}),
    ] = None
    function_call: FunctionCall | None = None


class Cascade(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The stages of an agent that is stitched together, and what they take.

    Attributes:
        stt: who hears the caller: `labels` knows the words, the others recognise
            them.
        chat: what answers: the agent's `replies`, `rules`, an `echo` of what was
            understood, or an `endpoint`. None is the endpoint for a `chat` agent,
            the replies for a `cascade`.
        tts: who speaks: `recorded` plays the replies' own audio, the others are
            voices.
        profile: what the stages take, a cascade profile by name or path.
        rules: what the rules are, by name or path.
        endpoint: which endpoint is asked.
        fallback: what is said when there is no answer; nothing if it is empty.
    """

    stt: Literal["labels", "moonshine", "whisper"] = "labels"
    chat: Literal["replies", "rules", "echo", "endpoint"] | None = None
    tts: Literal["recorded", "heart", "emma", "michael", "george", "joe"] = "recorded"
    profile: Annotated[str, Meta(min_length=1)] = DEFAULT_CASCADE_PROFILE
    rules: Annotated[str, Meta(min_length=1)] = DEFAULT_RULES
    endpoint: ChatEndpoint | None = None
    fallback: Annotated[str, Meta(max_length=1000)] = DEFAULT_FALLBACK


class Agent(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who answers, and how fast.

    Attributes:
        responder: `scripted` says its replies in order; `recorded` says the
            agent's turns of the recording; `echo` plays the caller's turn back;
            `cascade` goes through its stages, and so does `chat`, with an endpoint.
        replies: what a scripted agent says; a cascade without any says the agent's
            turns of the recording.
        profile: the latency profile, by name or path. Of a cascade only its delays
            of detection count.
        vad: the model whose scores decide about turns.
        cascade: the stages of a cascade; None is the stages that need no model.
    """

    responder: Literal["scripted", "recorded", "echo", "cascade", "chat"]
    replies: tuple[Reply, ...] = ()
    profile: Annotated[str, Meta(min_length=1)] = DEFAULT_PROFILE
    vad: Literal["silero", "webrtc", "energy", "silero-onnx"] = DEFAULT_VAD
    cascade: Cascade | None = None

    @property
    def stages(self) -> Cascade | None:
        """The stages that it goes through, with nothing left open; None if none."""
        if self.responder not in {"cascade", "chat"}:
            return None
        stages = self.cascade or Cascade()
        if stages.chat is not None:
            return stages
        usual: Any = "endpoint" if self.responder == "chat" else "replies"
        return structs.replace(stages, chat=usual)

    @property
    def says_recorded(self) -> bool:
        """Whether it says the agent's turns of the recording."""
        stages = self.stages
        if stages is not None:
            return stages.chat == "replies" and not self.replies
        return self.responder == "recorded"


class Bursts(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A link that stands still now and then, and delivers all at once after it.

    Attributes:
        every_s: how often that is: once in each stretch of this length.
        lasts_ms: for how long.
    """

    every_s: Annotated[float, Meta(gt=0)]
    lasts_ms: Annotated[float, Meta(gt=0)]


class Packets(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Audio packets of 20 ms between caller and client, of which some are lost.

    Attributes:
        loss_rate: the share that is lost.
        burst_ms: the mean length of a gap; none if each is lost by itself.
        concealment: what is played in a gap: silence (`none`), or the last pitch
            period again and again, fading (`repeat`).
    """

    loss_rate: Annotated[float, Meta(ge=0, lt=1)]
    burst_ms: Annotated[float, Meta(ge=PACKET_MS)] | None = None
    concealment: Concealment = "none"


class Link(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One direction of the network.

    Attributes:
        delay_ms: the mean time that a message takes.
        jitter_ms: the standard deviation of that time.
        loss_rate: the share of messages lost, each of which is sent again.
        bursts: when messages are held up and then come all at once; none: never.
        packets: the audio's way between the caller and the client; none: all of it
            arrives.
    """

    delay_ms: Milliseconds = 0.0
    jitter_ms: Milliseconds = 0.0
    loss_rate: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    bursts: Bursts | None = None
    packets: Packets | None = None


class Noise(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Background noise at the caller's microphone.

    Attributes:
        audio: a bundled noise by name, or a recording by a path relative to the
            scenario file; it repeats as long as the call lasts.
        snr_db: the level of the caller's speech over that of the noise.
    """

    audio: Annotated[str, Meta(min_length=1)]
    snr_db: Annotated[float, Meta(ge=-60, le=100)]


class Echo(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is heard of the agent, back in the caller's microphone.

    Attributes:
        delay_ms: how much later it is picked up than heard.
        gain_db: its level over that at the ear.
        room: what it sounds in.
    """

    delay_ms: Annotated[float, Meta(ge=0, le=5000)]
    gain_db: Annotated[float, Meta(ge=-100, le=20)]
    room: RoomName = "none"


class Channel(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What lies between caller and agent.

    Attributes:
        codec: the coding of the audio on the wire.
        band: how much of the spectrum passes between caller and client, both ways:
            all of it, or the telephone's 300 to 3400 Hz.
        noise: what else the microphone picks up; none: nothing.
        echo: what it picks up of the agent; none: nothing.
        uplink: the network from caller to agent.
        downlink: the network from agent to caller.
    """

    codec: Literal["pcm", "pcmu", "pcma"] = "pcm"
    band: Literal["wide", "narrow"] = "wide"
    noise: Noise | None = None
    echo: Echo | None = None
    uplink: Link = Link()
    downlink: Link = Link()


class PlayerOptions(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What differs from the player's own figures; None leaves them.

    Attributes:
        lead_ms: the audio that the player buffers before it starts.
        device_latency_ms: the time from the player to the ear.
        command_delay_ms: from the client to the player, for audio and for the command
            to stop.
        report_delay_ms: from the player to the client, for its position and for
            acknowledged marks.
        stop_delay_ms: how long the player plays on once it was told to stop.
    """

    lead_ms: Milliseconds | None = None
    device_latency_ms: Milliseconds | None = None
    command_delay_ms: Milliseconds | None = None
    report_delay_ms: Milliseconds | None = None
    stop_delay_ms: Milliseconds | None = None


class Client(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The caller's device.

    Attributes:
        frame_ms: the length of a microphone frame, whole milliseconds.
        player: how agent audio is buffered and played.
        player_options: what differs from the player's own figures.
        truncation: what the client claims to have been heard at a barge-in.
        truncates: of which items: those whose playback was stopped or was to come
            (`sounding`), or the last one announced, whatever became of it
            (`last_item`).
        on_interruption: what becomes of the audio that is queued: it is dropped
            (`clear`), or played to its end (`play_on`).
    """

    frame_ms: Annotated[int, Meta(ge=10, le=100)] = 20
    player: Literal["ideal", "browser", "twilio", "elks"] = "browser"
    player_options: PlayerOptions = PlayerOptions()
    truncation: Literal[
        "played",
        "marks",
        "marks_elapsed",
        "media_clock",
        "wall_since_first_delta",
        "min_wall_received",
        "received",
        "zero",
        "none",
    ] = "played"
    truncates: Literal["sounding", "last_item"] = "sounding"
    on_interruption: Literal["clear", "play_on"] = "clear"


class Bounds(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a metric may be, ends included; None is no limit.

    Attributes:
        min: the least allowed value.
        max: the greatest allowed value.
    """

    min: float | None = None
    max: float | None = None


class _Common(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the file and the scenario share."""

    voicelab: Literal[1]
    name: Annotated[
        str,
        Meta(
            pattern=r"^(?![\s\S]*[/\\\x00-\x1f])",
            min_length=1,
            max_length=100,
            extra={EXPECTS: "a name of at most 100 characters, without slashes"},
        ),
    ]
    caller: Caller
    agent: Agent
    channel: Channel = Channel()
    client: Client = Client()
    faults: tuple[Fault, ...] = ()
    seed: Annotated[int, Meta(ge=0)] = 0
    expect: dict[str, Bounds] = field(default_factory=dict)


class ScenarioFile(_Common, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One conversation to run, as it is written.

    Attributes:
        voicelab: the version of this format.
        name: a name that can stand in a file name.
        caller: the recorded caller.
        agent: who answers, and how fast.
        session: the GA session object, sent verbatim as `session.update`.
        channel: what lies between them.
        client: the caller's device.
        faults: what goes wrong on purpose, in this order.
        seed: the seed of everything that is drawn.
        expect: limits on metrics, by their names.
    """

    session: SessionObject | UnsetType = UNSET


class Scenario(_Common, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A scenario that is ready to run: checked, its files found.

    Paths are absolute as far as `base` is. Equal scenarios compare equal.

    Attributes:
        voicelab: the version of the file's format.
        name: a name that can stand in a file name.
        caller: the recorded caller.
        agent: who answers; its `profile` is a bundled name or an absolute path.
        session: the GA session object, as it goes into `session.update`.
        channel: what lies between them.
        client: the caller's device.
        faults: what goes wrong on purpose, in this order.
        seed: the seed of everything that is drawn.
        expect: limits on metrics, by their names.
        base: the folder that relative paths are relative to.
        source: the file it was read from; None for one built in Python.
    """

    session: dict[str, Any]
    base: Path
    source: Path | None = None
