"""The bundled scenarios and latency profiles can be used."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from voicelab.responders.profile import load_profile
from voicelab.scenario.labels import load_labels
from voicelab.scenario.load import load_scenario

DATA = Path(__file__).parents[3] / "data"
SCENARIOS = sorted((DATA / "scenarios").glob("*.yaml"))
CASES = sorted((DATA / "scenarios").glob("*/*.yaml"))
PROFILES = sorted(file.stem for file in (DATA / "profiles").glob("*.yaml"))


def test_every_conversation_has_a_scenario() -> None:
    conversations = {
        file.stem
        for file in (DATA / "conversations").glob("*.wav")
        if ".reply-" not in file.name
    }
    assert conversations <= {file.stem for file in SCENARIOS}


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.stem)
def test_scenario_runs_its_own_conversation(file: Path) -> None:
    scenario = load_scenario(file)
    assert scenario.name == file.stem
    assert scenario.caller.audio.stem == file.stem
    assert scenario.caller.labels is not None
    assert load_labels(scenario.caller.labels).caller_turns()
    assert scenario.caller.channel == 0
    load_profile(scenario.agent.profile, base=scenario.base)


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_case_has_its_file_s_name_and_a_conversation_with_labels(file: Path) -> None:
    scenario = load_scenario(file)
    assert scenario.name == file.stem
    assert scenario.caller.audio.resolve().parent == DATA / "conversations"
    assert scenario.caller.labels is not None
    assert file.read_text("utf-8").startswith("# ")


def test_names_differ_over_all_folders() -> None:
    names = [file.stem for file in (*SCENARIOS, *CASES)]
    assert len(set(names)) == len(names)


def test_seeds_differ() -> None:
    seeds = [load_scenario(file).seed for file in SCENARIOS]
    assert len(set(seeds)) == len(seeds)


def test_a_scripted_agent_has_words_for_all_it_says() -> None:
    scripted = [
        scenario
        for scenario in map(load_scenario, SCENARIOS)
        if scenario.agent.responder == "scripted"
    ]
    assert scripted
    for scenario in scripted:
        for reply in scenario.agent.replies:
            assert reply.audio is not None
            assert reply.words is not None
            assert " ".join(word.text for word in reply.words) == reply.text
            duration_ms = soundfile.info(reply.audio).duration * 1000
            assert reply.words[0].start_ms == 0
            assert reply.words[-1].end_ms == pytest.approx(duration_ms)


@pytest.mark.parametrize("name", PROFILES)
def test_profile_names_its_source_and_is_modelled(name: str) -> None:
    profile = load_profile(name)
    assert profile.name == name
    assert profile.modelled
    assert profile.description


def test_the_default_profiles_exist() -> None:
    assert {"measured-median", "slow", "instant", "realtime-paced"} <= set(PROFILES)


def test_instant_is_instant() -> None:
    timing = load_profile("instant").sampler(1).draw()
    assert timing.first_audio_ns == 0
    assert timing.speed >= 50
