"""Worker for one task queue of the bare workflow.

Arguments: the address of the Temporal server and the task queue.
"""

from __future__ import annotations

import sys

import uvloop
from temporalio.client import Client
from temporalio.worker import Worker

from benchmarks.bare_workflow import ORDER_QUEUE, BareOrder, BareShipping, step
from cli.service.garbage_collection import reduce_gc_work
from orchestration.worker import WORKFLOW_RUNNER


async def run_worker(address: str, queue: str) -> None:
    worker = Worker(
        await Client.connect(address),
        task_queue=queue,
        workflows=[BareOrder if queue == ORDER_QUEUE else BareShipping],
        activities=[step],
        workflow_runner=WORKFLOW_RUNNER,
    )
    reduce_gc_work()
    await worker.run()


if __name__ == "__main__":
    uvloop.run(run_worker(*sys.argv[1:]))
