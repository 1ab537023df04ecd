"""Whether a port can be listened on, before anything is."""

from __future__ import annotations

import socket

import pytest

from voicelab.errors import InputError
from voicelab.serve.ports import check_port


def test_a_port_is_free_and_stays_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError) as caught:
            check_port("127.0.0.1", port)
    assert str(caught.value) == (
        f"port {port} of 127.0.0.1 is in use; give another --port; 0 takes one that is "
        "free"
    )
    for _ in range(2):
        check_port("127.0.0.1", port)
    with socket.create_server(("127.0.0.1", port)):
        """It was left free."""


def test_one_of_two_addresses_is_enough_to_be_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port} of localhost is in use"):
            check_port("localhost", port)


def test_nobody_can_connect_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    def listen(*_: object) -> None:
        pytest.fail("it listens")

    monkeypatch.setattr(socket.socket, "listen", listen)
    check_port("127.0.0.1", 0)


@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("192.0.2.1", "192.0.2.1 is no address of this machine; give --host one of"),
        ("no.such.host.invalid", "cannot listen on port 0 of no.such.host.invalid"),
    ],
)
def test_an_address_that_is_none(host: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        check_port(host, 0)
    assert says in str(caught.value)
