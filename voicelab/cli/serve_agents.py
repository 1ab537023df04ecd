"""Who answers at `voicelab serve`: its options, and the sessions they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voicelab.cli.chat_options import endpoint_data
from voicelab.cli.choices import check_choice
from voicelab.errors import InputError

if TYPE_CHECKING:
    from voicelab.faults import Fault
    from voicelab.scenario.model import Cascade
    from voicelab.serve import AgentSessions

RESPONDERS = ("assistant", "scripted", "echo", "cascade", "chat")

ResponderOption = Annotated[
    str | None,
    typer.Option(
        "--responder",
        metavar=f"<{'|'.join(RESPONDERS)}>",
        help="Who answers; by default assistant, or with --scenario its agent.",
    ),
]
SttOption = Annotated[
    str | None,
    typer.Option(
        "--stt",
        metavar="NAME",
        help="What a cascade hears with: moonshine (default) or whisper.",
    ),
]
VoiceOption = Annotated[
    str | None,
    typer.Option(
        "--voice",
        metavar="NAME",
        help="What it speaks with: heart (default), emma, michael, george, joe.",
    ),
]
RulesOption = Annotated[
    str | None,
    typer.Option(
        "--rules",
        metavar="NAME|FILE",
        help="What a cascade answers by; by default front-desk.",
    ),
]


@dataclass(frozen=True, kw_only=True)
class StageOptions:
    """The options of a cascade, as they were given; None where they were not."""

    stt: str | None = None
    voice: str | None = None
    rules: str | None = None
    chat_url: str | None = None
    chat_model: str | None = None
    chat_key_env: str | None = None

    @property
    def names_chat(self) -> bool:
        """Whether anything was given of a chat endpoint."""
        named = (self.chat_url, self.chat_model, self.chat_key_env)
        return any(option is not None for option in named)

    def given(self) -> list[str]:
        """Return the options that were given."""
        return [
            f"--{key.replace('_', '-')}"
            for key, value in _fields(self).items()
            if value is not None
        ]


def make_sessions(
    responder: str | None,
    stages: StageOptions,
    *,
    scenario: str | None,
    profile: str | None,
    seed: int | None,
    lifetime_s: int,
    faults: Sequence[str],
) -> AgentSessions:
    """Return the sessions that the options ask for.

    Raises:
        InputError: they do not fit together, or something that they name is missing.
    """
    from voicelab.faults import parse_fault  # noqa: PLC0415 -- slow
    from voicelab.serve import sessions  # noqa: PLC0415 -- slow

    if responder is not None:
        check_choice("responder", responder, RESPONDERS)
    _check_fits(responder, stages, scenario, profile)
    wrong = [parse_fault(text) for text in faults]
    if scenario is not None:
        return _scenario_sessions(scenario, profile, seed, lifetime_s, wrong)
    common: dict[str, Any] = {
        "seed": seed or 0,
        "lifetime_s": lifetime_s,
        "faults": wrong,
    }
    if responder in {"cascade", "chat"}:
        return sessions.cascade_sessions(_stages(responder, stages), **common)
    if profile is not None:
        common["profile"] = profile
    if responder == "echo":
        return sessions.echo_sessions(**common)
    return sessions.assistant_sessions(**common)


def _check_fits(
    responder: str | None,
    stages: StageOptions,
    scenario: str | None,
    profile: str | None,
) -> None:
    if scenario is not None and responder not in {None, "scripted"}:
        raise InputError(
            "a scenario says itself who answers",
            fix="leave out --responder, or --scenario",
        )
    if scenario is None and responder == "scripted":
        raise InputError("a scripted agent needs a scenario", fix="give --scenario")
    is_staged = responder in {"cascade", "chat"}
    if stages.given() and not is_staged:
        given = stages.given()[0]
        fix = "add --responder cascade"
        if scenario is not None:
            fix = f"leave out {given}, or --scenario, or set agent.cascade in its file"
        raise InputError(f"{given} is for a cascade", fix=fix)
    if is_staged and profile is not None:
        raise InputError(
            "a cascade is as fast as this machine", fix="leave out --profile"
        )


def _stages(responder: str | None, options: StageOptions) -> Cascade:
    """Return the stages of a cascade for anybody.

    Raises:
        InputError: an option is missing, or wrong, or there is no key.
    """
    from voicelab.document import document_of, fit  # noqa: PLC0415 -- slow
    from voicelab.scenario.model import Cascade  # noqa: PLC0415 -- slow
    from voicelab.speech.stt import RECOGNISER_NAMES  # noqa: PLC0415 -- slow
    from voicelab.speech.tts import VOICE_NAMES  # noqa: PLC0415 -- slow

    stt, voice = options.stt or "moonshine", options.voice or "heart"
    check_choice("recogniser", stt, RECOGNISER_NAMES)
    check_choice("voice", voice, VOICE_NAMES)
    data: dict[str, Any] = {"stt": stt, "tts": voice}
    if responder == "chat" or options.names_chat:
        data |= {"chat": "endpoint", "endpoint": _endpoint(options)}
    else:
        data["chat"] = "rules"
        if options.rules is not None:
            data["rules"] = options.rules
    stages = fit(document_of(data, InputError), Cascade)
    if stages.endpoint is not None:
        from voicelab.responders.chat.client import (  # noqa: PLC0415 -- slow
            EndpointChat,
        )

        EndpointChat(stages.endpoint).check_key()  # told before models are loaded
    return stages


def _endpoint(options: StageOptions) -> dict[str, str]:
    if options.rules is not None:
        raise InputError("a chat endpoint goes by no rules", fix="leave out --rules")
    return endpoint_data(
        options.chat_url,
        options.chat_model,
        options.chat_key_env,
        otherwise="--responder cascade, which answers by rules",
    )


def _scenario_sessions(
    scenario: str,
    profile: str | None,
    seed: int | None,
    lifetime_s: int,
    faults: Sequence[Fault],
) -> AgentSessions:
    from voicelab.cli.batch import load_scenarios  # noqa: PLC0415 -- slow
    from voicelab.serve.sessions import scenario_sessions  # noqa: PLC0415 -- slow

    settings = [] if profile is None else [f"agent.profile={profile}"]
    found = load_scenarios([scenario], settings, seed)
    if len(found) != 1:
        raise InputError(
            f"{scenario} holds {len(found)} scenarios", fix="name one of them"
        )
    return scenario_sessions(found[0], lifetime_s=lifetime_s, faults=faults)


def _fields(options: StageOptions) -> Mapping[str, str | None]:
    return vars(options)
