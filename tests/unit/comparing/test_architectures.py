from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from voicelab.comparing import ARCHITECTURES, find_architecture
from voicelab.errors import ProfileError, ScenarioError
from voicelab.paths import data_dir
from voicelab.responders.profile import load_profile, profile_names
from voicelab.scenario.model import Agent, Cascade, Reply

CASCADE = """\
voicelab_cascade_profile: 1
name: mine
source: a test
modelled: false
stt_final_ms: {distribution: constant, value: 300}
chat_first_token_ms: {distribution: constant, value: 400}
chat_tokens_per_s: {distribution: constant, value: 100}
tts_first_audio_ms: {distribution: constant, value: 200}
tts_speed: {distribution: constant, value: 5}
"""
PUBLISHED = {
    "published-gpt-realtime": 1536,
    "published-gpt-realtime-1.5": 1152,
    "published-gpt-realtime-2.1": 1504,
    "published-grok-voice": 2336,
    "published-gemini-live": 1632,
    "published-nova-2-sonic": 1280,
}
"""The medians from voice to voice that were published, in milliseconds."""


def test_a_latency_profile_is_a_model_that_hears_and_speaks() -> None:
    found = find_architecture("published-grok-voice")
    assert (found.name, found.kind) == ("published-grok-voice", "speech_to_speech")
    assert found.modelled
    assert "aiewf-eval" in found.source
    assert found.agent(Agent(responder="recorded")) == {
        "profile": "published-grok-voice"
    }


def test_a_model_says_what_a_pipeline_would_without_its_stages() -> None:
    found = find_architecture("measured-median")
    profile = {"profile": "measured-median", "cascade": None}
    recorded = Agent(responder="cascade")
    assert found.agent(recorded) == {"responder": "recorded", **profile}
    scripted = Agent(responder="cascade", replies=(Reply(text="Yes."),))
    assert found.agent(scripted) == {"responder": "scripted", **profile}


def test_what_only_a_pipeline_works_out_no_model_says() -> None:
    stages = Cascade(chat="rules", tts="heart")
    with pytest.raises(ScenarioError, match="nobody recorded what rules answers"):
        find_architecture("slow").agent(Agent(responder="cascade", cascade=stages))


def test_a_cascade_profile_is_a_pipeline() -> None:
    found = find_architecture("cascade-typical")
    assert (found.name, found.kind) == ("cascade-typical", "cascade")
    changed = {"cascade": {"profile": "cascade-typical"}}
    for present, responder in (
        ("recorded", "cascade"),
        ("cascade", "cascade"),
        ("chat", "chat"),
    ):
        agent = msgspec.convert({"responder": present}, Agent)
        assert found.agent(agent) == {"responder": responder, **changed}


def test_a_file_is_what_it_says_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.yaml").write_text(CASCADE)
    whole = data_dir() / "profiles" / "slow.yaml"
    monkeypatch.chdir(tmp_path)
    staged = find_architecture("mine.yaml")
    assert (staged.name, staged.kind, staged.modelled) == ("mine", "cascade", False)
    # a scenario's paths are relative to its own file: this one is to the shell's folder
    assert staged.profile == str(tmp_path / "mine.yaml")
    assert find_architecture(str(whole)).kind == "speech_to_speech"


def test_an_unknown_name_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ProfileError, match="named 'cascade-typicl'") as e:
        find_architecture("cascade-typicl")
    assert "cascade-typical" in str(e.value)
    with pytest.raises(ProfileError, match=r"known: .*slow.*cascade-instant"):
        find_architecture("zzz")


def test_a_missing_or_wrong_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=r"nowhere\.yaml"):
        find_architecture(str(tmp_path / "nowhere.yaml"))
    (tmp_path / "odd.yaml").write_text(CASCADE + "colour: red\n")
    with pytest.raises(ProfileError, match="colour"):
        find_architecture(str(tmp_path / "odd.yaml"))


def test_what_is_compared_by_default_is_there_and_modelled() -> None:
    found = [find_architecture(name) for name in ARCHITECTURES]
    assert {each.kind for each in found} == {"speech_to_speech", "cascade"}
    assert all(each.modelled and each.source for each in found)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_profile_is_the_figure_less_detection_and_network(
    name: str,
) -> None:
    """1059 ms to the first audio less the server's 671: 388 ms are not the server's."""
    profile = load_profile(name)
    assert profile.modelled
    assert profile.time_to_first_audio_ms.at(0.5) == PUBLISHED[name] - (1059 - 671)
    assert f"{PUBLISHED[name]} ms at the median" in profile.source


def test_every_published_profile_is_checked() -> None:
    named = {name for name in profile_names() if name.startswith("published-")}
    assert named == set(PUBLISHED)
