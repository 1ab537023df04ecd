"""Who answers at `voicelab serve`: its options, and the sessions they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from voicelab.errors import InputError

if TYPE_CHECKING:
    from voicelab.faults import Fault
    from voicelab.scenario.model import Cascade
    from voicelab.serve import AgentSessions

ResponderName = Literal["assistant", "scripted", "echo", "cascade", "chat"]

ResponderOption = Annotated[
    ResponderName | None,
    typer.Option(
        "--responder",
        help="Who answers; by default assistant, or with --scenario its agent.",
    ),
]
SttOption = Annotated[
    Literal["moonshine", "whisper"] | None,
    typer.Option("--stt", help="What a cascade hears with; by default moonshine."),
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
ChatUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL", help="The base URL of a chat endpoint that is to answer."
    ),
]
ChatModel = Annotated[
    str | None, typer.Option(metavar="NAME", help="The model to ask it for.")
]
ChatKeyEnv = Annotated[
    str | None,
    typer.Option(metavar="VARIABLE", help="The environment variable with its key."),
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
    responder: ResponderName | None,
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
    responder: ResponderName | None,
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


def _stages(responder: ResponderName | None, options: StageOptions) -> Cascade:
    """Return the stages of a cascade for anybody.

    Raises:
        InputError: an option is missing, or wrong.
    """
    from voicelab.document import document_of, fit  # noqa: PLC0415 -- slow
    from voicelab.scenario.model import Cascade  # noqa: PLC0415 -- slow
    from voicelab.speech.tts import VOICE_NAMES  # noqa: PLC0415 -- slow

    voice = options.voice or "heart"
    if voice not in VOICE_NAMES:
        raise InputError(
            f"there is no voice named {voice!r}", fix=f"known: {', '.join(VOICE_NAMES)}"
        )
    data: dict[str, Any] = {"stt": options.stt or "moonshine", "tts": voice}
    if responder == "chat" or options.names_chat:
        data |= {"chat": "endpoint", "endpoint": _endpoint(options)}
    else:
        data["chat"] = "rules"
        if options.rules is not None:
            data["rules"] = options.rules
    return fit(document_of(data, InputError), Cascade)


def _endpoint(options: StageOptions) -> dict[str, str]:
    if options.rules is not None:
        raise InputError("a chat endpoint goes by no rules", fix="leave out --rules")
    if options.chat_url is None or options.chat_model is None:
        raise InputError(
            "a chat needs --chat-url and --chat-model",
            fix="give both, or --responder cascade, which answers by rules",
        )
    found = {"url": options.chat_url, "model": options.chat_model}
    if options.chat_key_env is not None:
        found["api_key_env"] = options.chat_key_env
    return found


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
