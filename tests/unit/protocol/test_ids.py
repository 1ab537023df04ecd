from __future__ import annotations

import pytest

from voicelab.protocol.ids import IdSource

PREFIXES = {
    "event": "event_",
    "item": "item_",
    "response": "resp_",
    "session": "sess_",
    "conversation": "conv_",
    "call": "call_",
}


def first(source: IdSource, kind: str) -> str:
    return str(getattr(source, kind)())


@pytest.mark.parametrize(("kind", "prefix"), list(PREFIXES.items()))
def test_prefix_tells_the_kind(kind: str, prefix: str) -> None:
    assert first(IdSource(7), kind).startswith(prefix)


def test_ids_are_unique_and_short_enough_for_the_wire() -> None:
    source = IdSource(7)
    ids = {first(source, kind) for kind in PREFIXES for _ in range(1000)}
    assert len(ids) == 6000
    # The endpoint refuses client-made ids of more than 32 characters.
    assert max(map(len, ids)) <= 32


def test_equal_seeds_give_equal_ids() -> None:
    one, other = IdSource(7), IdSource(7)
    assert [one.item() for _ in range(9)] == [other.item() for _ in range(9)]


def test_kinds_count_for_themselves() -> None:
    one, other = IdSource(7), IdSource(7)
    one.event()
    assert one.item() == other.item()


def test_seed_and_owner_change_the_ids() -> None:
    sources = [IdSource(7), IdSource(8), IdSource(7, "client"), IdSource(-7)]
    assert len({source.item() for source in sources}) == 4


def test_ids_do_not_change_between_versions() -> None:
    assert IdSource(7).item() == "item_5dfa0e7154000000"
