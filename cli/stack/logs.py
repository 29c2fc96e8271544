"""``orders logs``: the log files of the stack that `orders dev` runs in this folder."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_POLL_INTERVAL = 0.2  # seconds


@dataclass
class _Log:
    """A log file, read line by line from a position. The position is in bytes."""

    service: str
    file: Path
    position: int = 0

    def new_lines(self) -> Iterator[str]:
        """Yield complete lines that were added. A file that was emptied is read from its start."""
        if self.file.stat().st_size < self.position:
            self.position = 0
        with self.file.open("rb") as stream:
            stream.seek(self.position)
            for line in stream:
                if not line.endswith(b"\n"):
                    return
                self.position += len(line)
                yield line.decode(errors="replace").rstrip()


def service_names(folder: Path) -> list[str]:
    return sorted(file.stem for file in folder.glob("*.log"))


def log_lines(
    folder: Path, services: list[str], *, tail: int, follow: bool
) -> Iterator[tuple[str, str]]:
    """Yield the service and the text of the last ``tail`` lines of each log.

    With ``follow``, continue with each new line, for ever. Services may start logging later.
    """
    logs: dict[str, _Log] = {}
    while True:
        for service in services or service_names(folder):
            file = folder / f"{service}.log"
            if not file.exists():
                continue
            is_first = service not in logs
            log = logs.setdefault(service, _Log(service, file))
            lines = list(log.new_lines())
            for line in lines[max(0, len(lines) - tail) :] if is_first else lines:
                yield service, line
        if not follow:
            return
        time.sleep(_POLL_INTERVAL)
