"""A small round of ``make chaos``, in which every part is killed at least once."""

from __future__ import annotations

from cli.stack.embedded_stack import temporary_folder
from tests.chaos.run import run
from tests.chaos.saboteur import Schedule


async def test_orders_survive_the_loss_of_every_part_of_the_stack() -> None:
    # Gentler than the program's defaults: other tests use the machine at the same time.
    schedule = Schedule(worker_interval=6, api_interval=10, postgres_kills=1, temporal_kills=1)
    with temporary_folder() as folder:
        assert await run(folder, count=12, seed=1, schedule=schedule, time_limit=200) == 0
