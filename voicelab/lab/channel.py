"""What a scenario's channel does to audio, apart from coding it and carrying it.

On its way to the server: the telephone's band, then packets, which carry coded audio.
On its way to the ear: packets, then the band.
"""

from __future__ import annotations

from functools import partial

from voicelab.audio.band import TelephoneBand
from voicelab.audio.formats import AudioFormat
from voicelab.audio.packets import PacketSettings, PacketStage
from voicelab.audio.pcm import Samples
from voicelab.audio.stage import Chain, Stage
from voicelab.lab.echo import EchoPath
from voicelab.lab.materials import Materials
from voicelab.lab.microphone import Levels, Microphone
from voicelab.lab.mouth import Mouth
from voicelab.record.recorder import Recorder
from voicelab.scenario.model import Link, Scenario


class _Coded:
    """Audio as it comes out of a codec."""

    def __init__(self, audio_format: AudioFormat) -> None:
        self._format = audio_format

    def process(self, samples: Samples) -> Samples:
        """Return the next samples of the stream, int16 [n], as they come out."""
        return self._format.decode(self._format.encode(samples))


class ChannelEffects:
    """The effects of one conversation.

    Args:
        scenario: what it says of the channel.
        materials: the audio's formats, and the noise.

    Attributes:
        to_server: the stages from the microphone to the wire.
        to_ear: the stages from the player to the ear.
        has_echo: whether the microphone picks up what is heard.
    """

    def __init__(self, scenario: Scenario, materials: Materials) -> None:
        self._scenario, self._materials = scenario, materials
        channel, seed = scenario.channel, scenario.seed
        uplink, downlink = materials.uplink, materials.downlink
        sent = _packets(channel.uplink, uplink, f"{seed}/uplink")
        received = _packets(channel.downlink, downlink, f"{seed}/downlink")
        narrow = channel.band == "narrow"
        going: list[Stage] = [TelephoneBand(uplink.rate_hz)] if narrow else []
        going += [] if sent is None else [_Coded(uplink), sent]
        coming: list[Stage] = [] if received is None else [received]
        coming += [TelephoneBand(downlink.rate_hz)] if narrow else []
        self._packets = {"uplink": sent, "downlink": received}
        self.to_server = Chain(going)
        self.to_ear = Chain(coming)
        self.has_echo = channel.echo is not None

    def microphone(self, mouth: Mouth, recorder: Recorder) -> Microphone:
        """Return the caller's microphone, whose levels the recorder is told."""
        noise = self._materials.noise
        levels = None
        if noise is not None or self.has_echo:
            frame_ms = self._scenario.client.frame_ms
            levels = Levels(frame_ms, partial(recorder.user, "microphone.levels"))
        echo = self._echo(recorder)
        return Microphone(mouth, self.to_server, noise=noise, echo=echo, levels=levels)

    def _echo(self, recorder: Recorder) -> EchoPath | None:
        settings = self._scenario.channel.echo
        if settings is None:
            return None
        return EchoPath(
            settings,
            recorder.ear,
            ear_rate_hz=self._materials.downlink.rate_hz,
            rate_hz=self._materials.uplink.rate_hz,
            seed=str(self._scenario.seed),
        )

    def packets(self) -> dict[str, dict[str, int]]:
        """Return how many packets each direction carried, and how many it lost."""
        return {
            direction: {"packets": stage.packets, "lost": stage.lost}
            for direction, stage in self._packets.items()
            if stage is not None
        }


def _packets(link: Link, audio_format: AudioFormat, seed: str) -> PacketStage | None:
    told = link.packets
    if told is None or told.loss_rate == 0:
        return None
    settings = PacketSettings(told.loss_rate, told.burst_ms, told.concealment)
    return PacketStage(settings, audio_format.rate_hz, seed)
