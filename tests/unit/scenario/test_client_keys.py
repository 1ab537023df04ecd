"""What the scenario file calls the client's choices is what there is to choose from."""

from __future__ import annotations

from dataclasses import fields
from typing import get_args, get_type_hints

from msgspec.structs import fields as struct_fields

from voicelab.lab.interruption import OnInterruption, Truncates
from voicelab.playback import PLAYERS, POLICIES, PlayerSettings
from voicelab.scenario.model import Client, PlayerOptions

HINTS = get_type_hints(Client)


def test_players_and_policies_are_all_there_and_in_order() -> None:
    assert get_args(HINTS["player"]) == tuple(PLAYERS)
    assert get_args(HINTS["truncation"]) == tuple(POLICIES)


def test_reactions_are_those_of_the_client() -> None:
    assert HINTS["truncates"] == Truncates
    assert HINTS["on_interruption"] == OnInterruption


def test_every_figure_of_a_player_in_milliseconds_can_be_set() -> None:
    options = [field.name for field in struct_fields(PlayerOptions)]
    assert options == [f.name for f in fields(PlayerSettings) if f.name.endswith("_ms")]
