"""CPU time used by the processes of a benchmark, in seconds."""

from __future__ import annotations

import psutil

_PARTS = {
    "Temporal's server": ("start-dev",),
    "order worker": ("--queue order", "bare-order"),
    "shipping worker": ("--queue shipping", "bare-shipping"),
    "API": ("-m cli api",),
    "Postgres": ("bin/postgres",),
}
"""Substrings of command lines that identify the processes of each part."""


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def cpu_seconds_of_parts() -> dict[str, float]:
    """Return the CPU time of this process, and of each part of the stack that it started."""
    used = dict.fromkeys(_PARTS, 0.0)
    for process in psutil.Process().children():
        command_line = " ".join(process.cmdline())
        for part, substrings in _PARTS.items():
            if any(substring in command_line for substring in substrings):
                used[part] += sum(map(cpu_seconds, [process, *process.children(recursive=True)]))
    return {**used, "client": cpu_seconds(psutil.Process())}
