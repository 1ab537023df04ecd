"""What a bridge is told when it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from voicelab.errors import InputError
from voicelab.lab.cost import CostMeter
from voicelab.lab.endpoint import Endpoint
from voicelab.playback.policies import policy_named
from voicelab.serve.bridges.leg_socket import MAX_PENDING_BYTES
from voicelab.serve.options import check_origin, is_loopback

DEFAULT_UPSTREAM = "ws://127.0.0.1:8765/v1/realtime"
"""Where `voicelab serve` listens unless told otherwise."""

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8080
DEFAULT_MAX_CALLS = 20
DEFAULT_IDLE_TIMEOUT_S = 60.0
DEFAULT_DRAIN_S = 10.0
DEFAULT_POLICY = "played"


@dataclass(frozen=True, kw_only=True)
class CallSettings:
    """What every call of a bridge is held with.

    Attributes:
        endpoint: the Realtime server behind the bridge.
        session: the GA session object that is asked for; audio formats that it does
            not name are chosen to suit the leg.
        policy: the truncation policy, by name.
        agent_begins: whether the agent speaks first.
        record: the folder that run folders go into; None keeps no records.
        idle_timeout_s: how long the caller's side may send nothing; None is for ever.
        max_pending_bytes: how much may wait for a provider that does not read.

    Raises:
        InputError: the session is none of a voice agent on a line, or the policy
            does not exist, or a limit of cost is set and a price is not known.
    """

    endpoint: Endpoint
    session: Mapping[str, Any] = field(default_factory=dict)
    policy: str = DEFAULT_POLICY
    agent_begins: bool = False
    record: Path | None = None
    idle_timeout_s: float | None = DEFAULT_IDLE_TIMEOUT_S
    max_pending_bytes: int = MAX_PENDING_BYTES

    def __post_init__(self) -> None:
        policy_named(self.policy)
        self.meter()
        if self.session.get("type", "realtime") != "realtime":
            raise InputError(
                "the session is not one that talks",
                path="session.type",
                fix="leave it out, or make it realtime",
            )
        heard = _member(_member(self.session, "audio"), "input")
        if "turn_detection" in heard and heard["turn_detection"] is None:
            raise InputError(
                "without turn detection nobody would end a turn: there is no button",
                path="session.audio.input.turn_detection",
                fix="leave it out, or make it server_vad or semantic_vad",
            )
        if "audio" not in self.session.get("output_modalities", ["audio"]):
            raise InputError(
                "an agent that answers in text cannot be heard",
                path="session.output_modalities",
                fix='leave it out, or make it ["audio"]',
            )

    def meter(self) -> CostMeter:
        """Return what adds up the cost of one call."""
        heard = _member(_member(self.session, "audio"), "input")
        return CostMeter(
            self.endpoint.prices,
            self.endpoint.asked_model,
            self.endpoint.max_cost_usd,
            transcription_model=_member(heard, "transcription").get("model"),
        )


@dataclass(frozen=True, kw_only=True)
class BridgeSettings:
    """Where a bridge listens, whom it lets in, and with what it holds calls.

    Attributes:
        calls: what every call is held with.
        host: the address, or the name of it, to listen on.
        port: the TCP port; 0 takes a free one.
        token: what the provider has to know; None lets everybody in.
        origins: web pages of other origins that may connect, or `*`.
        max_calls: how many calls may be held at once.
        drain_s: how long calls may go on when the bridge is to stop.

    Raises:
        InputError: the bridge would be open to the network without a token, or an
            origin can be none.
    """

    calls: CallSettings
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    token: str | None = field(default=None, repr=False)
    origins: tuple[str, ...] = ()
    max_calls: int = DEFAULT_MAX_CALLS
    drain_s: float = DEFAULT_DRAIN_S

    def __post_init__(self) -> None:
        for origin in self.origins:
            check_origin(origin)
        if self.token is not None and not self.token.strip():
            raise InputError("the token is empty", fix="give one that is not")
        if self.token is None and not is_loopback(self.host):
            raise InputError(
                f"listening on {self.host or 'every address'!r} without a token would "
                "let anybody talk at your expense",
                fix="give a token (VOICELAB_BRIDGE_TOKEN), or listen on 127.0.0.1",
            )


def _member(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    return found if isinstance(found, Mapping) else {}
