"""``python -m tests.chaos``: one run, with its options as arguments or environment variables."""

# ruff: file-ignore[too-many-arguments, too-many-positional-arguments] - an argument is an option

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path  # ruff: ignore[typing-only-standard-library-import] - typer reads annotations at run time
from typing import Annotated

import typer

from cli.service.signals import run_until_signal
from cli.stack.embedded_stack import temporary_folder
from tests.chaos.run import run
from tests.chaos.saboteur import Schedule

_INTERRUPTED = 130


def main(
    orders: Annotated[int, typer.Option(envvar="ORDERS", min=1)] = 500,
    seed: Annotated[
        int, typer.Option(envvar="SEED", help="Decides which commands clients send, and when.")
    ] = 1,
    worker_interval: Annotated[
        float, typer.Option(envvar="WORKER_INTERVAL", help="Seconds between killed workers.")
    ] = 3,
    api_interval: Annotated[
        float, typer.Option(envvar="API_INTERVAL", help="Seconds between killed API processes.")
    ] = 10,
    postgres_kills: Annotated[int, typer.Option(envvar="POSTGRES_KILLS", min=0)] = 3,
    temporal_kills: Annotated[int, typer.Option(envvar="TEMPORAL_KILLS", min=0)] = 2,
    time_limit: Annotated[
        float, typer.Option(envvar="TIME_LIMIT", help="Seconds until open orders are given up.")
    ] = 3600,
    logs: Annotated[
        Path | None,
        typer.Option(envvar="LOGS", help="Copy the logs of all processes to this folder."),
    ] = None,
) -> None:
    """Run orders while every part is killed. Exit with 1 if anything differs from the requests."""
    schedule = Schedule(worker_interval, api_interval, postgres_kills, temporal_kills)
    with temporary_folder() as folder:
        try:
            work = run(folder, orders, seed, schedule, time_limit)
            raise typer.Exit(asyncio.run(run_until_signal(work, stopped=_INTERRUPTED)))
        finally:
            if logs is not None:
                shutil.copytree(folder / "logs", logs, dirs_exist_ok=True)


if __name__ == "__main__":
    typer.run(main)
