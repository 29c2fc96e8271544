"""TCP ports of this machine: check that required ports are free, and find free ones."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class PortsTaken(Exception):
    """Required ports are not available; the message names each, and its setting."""


@dataclass(frozen=True)
class RequiredPort:
    """A port that a process is about to listen on, and the setting that changes it."""

    process: str
    host: str
    port: int
    setting: str


def require_free(ports: Iterable[RequiredPort]) -> None:
    """Raise PortsTaken, naming each port that cannot be listened on and the setting for it."""
    taken = [
        f"Port {port.port} on {port.host}, needed by {port.process}, is not available ({reason})."
        f" Set {port.setting} to another port, or stop the process that uses it."
        for port in ports
        if (reason := _listen_error(port.host, port.port))
    ]
    if taken:
        raise PortsTaken("\n".join(taken))


def free_ports(count: int, host: str = "127.0.0.1") -> list[int]:
    """Return distinct ports that are free at this moment."""
    with ExitStack() as held:
        sockets = [held.enter_context(_listener(host, 0)) for _ in range(count)]
        return [listener.getsockname()[1] for listener in sockets]


def _listen_error(host: str, port: int) -> str | None:
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
        # Servers set this too: connections in TIME_WAIT must not count as a port in use.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener
