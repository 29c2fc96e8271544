"""TCP ports on this machine: which are taken, and some that are free."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.processes import StackFailed

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Wanted:
    """A port that a part is about to listen on, and the setting that chooses another."""

    part: str
    host: str
    port: int
    setting: str


def check_free(wanted: Iterable[Wanted]) -> None:
    """Raise StackFailed naming every port that something else listens on, and what changes it."""
    taken = [
        f"Port {one.port} of {one.host}, for {one.part}, is taken ({reason})."
        f" Set {one.setting} to another one, or stop what listens there."
        for one in wanted
        if (reason := _obstacle(one.host, one.port))
    ]
    if taken:
        raise StackFailed("\n".join(taken))


def free_ports(count: int, host: str = "127.0.0.1") -> list[int]:
    """Return ports that nothing listens on at the moment, all different."""
    with ExitStack() as held:
        sockets = [held.enter_context(_listener(host, 0)) for _ in range(count)]
        return [one.getsockname()[1] for one in sockets]


def _obstacle(host: str, port: int) -> str | None:
    try:
        _listener(host, port).close()
    except OSError as error:
        return error.strerror or str(error)
    return None


def _listener(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        # As servers do: what remains of connections that were closed a moment ago is no obstacle.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener
