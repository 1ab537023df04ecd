from __future__ import annotations

import pytest

from voicelab.protocol.beta import BetaDialect
from voicelab.protocol.dialect import GaDialect
from voicelab.protocol.wire_errors import WireError
from voicelab.serve.access import Keys, credential, listed
from voicelab.serve.admission import Admission, Gate, opens_session
from voicelab.serve.client_secrets import ClientSecrets
from voicelab.serve.plain_http import HttpRequest


def having(*headers: tuple[str, str]) -> HttpRequest:
    return HttpRequest("GET", "/", tuple((name.lower(), v) for name, v in headers))


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ([], None),
        ([("Authorization", "Bearer abc")], "abc"),
        ([("Authorization", "bearer  abc ")], "abc"),
        ([("Authorization", "Basic abc")], None),
        ([("api-key", "abc")], "abc"),
        ([("Sec-WebSocket-Protocol", "realtime, openai-insecure-api-key.abc")], "abc"),
        ([("Sec-WebSocket-Protocol", "openai-insecure-api-key.a.b")], "a.b"),
        ([("Sec-WebSocket-Protocol", "realtime")], None),
        (
            [
                ("Authorization", "Bearer abc"),
                ("Sec-WebSocket-Protocol", "openai-insecure-api-key.x"),
            ],
            "abc",
        ),
    ],
)
def test_where_a_key_stands(headers: list[tuple[str, str]], key: str | None) -> None:
    assert credential(having(*headers)) == key


def test_a_list_may_be_in_several_lines() -> None:
    headers = having(("X", "a, b"), ("x", "c,,d"))
    assert listed(headers, "X") == ["a", "b", "c", "d"]


def test_keys_that_are_not_ascii() -> None:
    keys = Keys(["schlüssel"], ClientSecrets())
    keys.check_lasting("schlüssel")
    with pytest.raises(WireError):
        keys.check_lasting("schlussel")


def test_keys_are_compared_as_the_bytes_that_headers_hold() -> None:
    as_read = "schlüssel".encode().decode("ascii", "surrogateescape")
    Keys(["schlüssel"], ClientSecrets()).check(as_read)
    with pytest.raises(WireError):
        Keys(["other"], ClientSecrets()).check(as_read)


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000

    def __call__(self) -> int:
        return self.now_s


def test_a_client_secret_lasts_as_long_as_it_says() -> None:
    clock = Clock()
    given = ClientSecrets(clock)
    keys = Keys(["k"], given)
    secret = given.create(60, "m", {"type": "realtime"})
    assert secret.expires_at_s == 1060
    clock.now_s = 1059
    assert keys.check(secret.value) is secret
    clock.now_s = 1060
    with pytest.raises(WireError):
        keys.check(secret.value)


def test_an_expired_client_secret_lets_nobody_in_even_without_keys() -> None:
    clock = Clock()
    given = ClientSecrets(clock)
    secret = given.create(60, None, {})
    clock.now_s += 60
    keys = Keys([], given)
    assert keys.check("ek_something_else") is None
    with pytest.raises(WireError):
        keys.check(secret.value)


def test_client_secrets_cost_bounded_memory() -> None:
    given = ClientSecrets()
    first = given.create(60, None, {})
    values = {given.create(60, None, {}).value for _ in range(10_000)}
    assert len(values) == 10_000
    assert given.find(first.value) is None
    assert all(given.find(value) for value in values)


def test_secrets_are_not_shown() -> None:
    secret = ClientSecrets().create(60, "m", {"instructions": "private"})
    assert secret.value not in repr(secret)
    assert "private" not in repr(secret)


# --- admission -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/v1/realtime", True),
        ("/v1/realtime/?model=m", True),
        ("/openai/realtime?deployment=m", True),
        ("/v1/realtime/calls", False),
        ("/", False),
        ("", False),
        ("//v1/realtime", False),
    ],
)
def test_where_sessions_are_opened(target: str, *, expected: bool) -> None:
    assert opens_session(target) is expected


def gate(*models: str, keys: Keys | None = None) -> Gate:
    return Gate(keys or Keys([], ClientSecrets()), models, GaDialect())


def test_the_model_is_that_of_the_secret_or_of_the_query() -> None:
    given = ClientSecrets()
    keys = Keys([], given)
    bound = given.create(60, "bound", {"type": "realtime"})
    free = given.create(60, None, {})

    def admitted(value: str, query: str) -> Admission:
        headers = having(("Authorization", f"Bearer {value}"))
        return gate(keys=keys).admit(f"/v1/realtime?{query}", headers)

    assert admitted(bound.value, "model=other").model == "bound"
    assert admitted(bound.value, "").session == {"type": "realtime"}
    assert admitted(free.value, "model=other").model == "other"
    assert admitted("sk", "deployment=azure").model == "azure"
    assert admitted("sk", "model=a%20b").model == "a b"


def test_an_intent_that_is_served() -> None:
    target = "/v1/realtime?model=m&intent=conversation"
    assert gate().admit(target, having()).model == "m"


def test_a_very_long_model_is_not_repeated_whole() -> None:
    with pytest.raises(WireError) as caught:
        gate("m").admit(f"/v1/realtime?model={'x' * 100_000}", having())
    assert len(caught.value.message) < 3000


def test_the_beta_header_is_welcome_where_beta_is_spoken() -> None:
    beta = Gate(Keys([], ClientSecrets()), (), BetaDialect())
    headers = having(("OpenAI-Beta", "assistants=v2, realtime=v1"))
    assert beta.admit("/v1/realtime?model=m", headers).model == "m"
    with pytest.raises(WireError):
        gate().admit("/v1/realtime?model=m", headers)
