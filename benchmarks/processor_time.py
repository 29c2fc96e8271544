"""How much of the processor the parts of a benchmark use."""

from __future__ import annotations

import psutil

_PARTS = {
    "Temporal's server": ("start-dev",),
    "order worker": ("--queue order", "bare-order"),
    "shipping worker": ("--queue shipping", "bare-shipping"),
    "API": ("-m cli api",),
    "Postgres": ("bin/postgres",),
}
"""Each by what the command lines of its processes have, and no other's."""


def seconds_of(process: psutil.Process) -> float:
    """Return what a process has used so far."""
    times = process.cpu_times()
    return times.user + times.system


def seconds_of_parts() -> dict[str, float]:
    """Return what each part of a stack that this process has started has used, and the client."""
    spent = dict.fromkeys(_PARTS, 0.0)
    for process in psutil.Process().children():
        line = " ".join(process.cmdline())
        for part, words in _PARTS.items():
            if any(word in line for word in words):
                spent[part] += sum(map(seconds_of, [process, *process.children(recursive=True)]))
    return {**spent, "client": seconds_of(psutil.Process())}
