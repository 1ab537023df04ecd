"""The port that a server is to listen on."""

from __future__ import annotations

import asyncio
import errno
import os
import socket

from voicelab.clock import WallLoop
from voicelab.errors import InputError


def check_port(host: str, port: int) -> None:
    """Check that a server could listen here, without letting anybody in.

    Models take seconds to load; whoever gave a port that is in use need not wait for
    them to be told. Binding is left to asyncio, as it is for the server itself, and
    undone: nothing can connect meanwhile.

    Args:
        host: the address, or the name of it; empty for every address.
        port: the port; 0 for any that is free.

    Raises:
        InputError: the address cannot be listened on.
    """

    async def bind() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            asyncio.Protocol, host or None, port, start_serving=False
        )
        server.close()

    try:
        with asyncio.Runner(loop_factory=WallLoop) as runner:
            runner.run(bind())
    except OSError as error:
        raise cannot_listen(host, port, error) from error


def cannot_listen(host: str, port: int, error: OSError) -> InputError:
    """Return the error that says why an address cannot be listened on."""
    place = f"port {port} of {host or 'this machine'}"
    if error.errno == errno.EADDRINUSE:
        return InputError(
            f"{place} is in use", fix="give another --port; 0 takes one that is free"
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return InputError(
            f"{host} is no address of this machine",
            fix="give --host one of its own; 127.0.0.1 always is",
        )
    # asyncio's own sentence repeats the place
    number = error.errno or 0
    reason = os.strerror(number) if number > 0 else str(error)
    return InputError(f"cannot listen on {place} ({reason})", fix="give another --port")


def free_port(host: str | None) -> int:
    """Return a port that is free on the first address of a host."""
    found = socket.getaddrinfo(
        host, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.bind(address)
        return int(probe.getsockname()[1])
