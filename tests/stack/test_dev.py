"""``orders dev``: restarts, failures of its processes, and shutdown."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import psutil
import pytest

from cli.client.graphql_client import GraphqlClient
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.stack.conftest import Orders, Running

_READY = "Ctrl-C stops the stack"
_CREATE = """
mutation ($input: CreateCustomerInput!) { createCustomer(input: $input) { __typename } }
"""
_READ = "query ($id: ID!) { customer(id: $id) { name } }"


@pytest.fixture
def queues(ports: dict[str, str]) -> dict[str, str]:
    """Separate task queues, because the servers are shared with other tests."""
    return {
        "ORDER_TASK_QUEUE": f"order-{ports['PORT']}",
        "SHIPPING_TASK_QUEUE": f"shipping-{ports['PORT']}",
    }


async def test_data_is_kept_across_a_restart_and_no_process_outlives_the_command(
    orders: Orders, ports: dict[str, str]
) -> None:
    customer = {"id": "c-1", "name": "Ada", "email": "ada@example.com"}

    async with orders.running("dev", **ports) as first:
        await first.prints(_READY)
        async with GraphqlClient(f"http://127.0.0.1:{ports['PORT']}") as api:
            await api.execute(_CREATE, {"input": customer})
        children = first.children().values()
        first.process.send_signal(signal.SIGINT)
        ended = await first.ended()

    assert ended.code == 0
    assert len(children) == 5
    _assert_ended(children)

    async with orders.running("dev", **ports) as second:
        await second.prints(_READY)
        async with GraphqlClient(f"http://127.0.0.1:{ports['PORT']}") as api:
            found = await api.execute(_READ, {"id": "c-1"})
        children = second.children().values()
        second.process.kill()
        await second.process.wait()

    assert found == {"customer": {"name": "Ada"}}
    assert len(children) == 5
    _assert_ended(children)


async def test_when_a_process_dies_it_is_named_and_the_others_are_stopped(
    orders: Orders,
    ports: dict[str, str],
    queues: dict[str, str],
    database_url: str,
    temporal_address: str,
) -> None:
    servers = {"DATABASE_URL": database_url, "TEMPORAL_ADDRESS": temporal_address}
    async with orders.running("dev", **ports, **queues, **servers) as dev:
        await dev.prints(_READY)
        children = dev.children()
        assert set(children) == {"cli api", "--queue order", "--queue shipping"}
        children["--queue shipping"].kill()
        ended = await dev.ended()

    assert ended.code == 1
    assert "The shipping worker was killed by signal 9. The end of" in ended.output
    _assert_ended(children.values())


async def test_all_processes_end_when_the_command_is_stopped_during_startup(
    orders: Orders, ports: dict[str, str]
) -> None:
    async with orders.running("dev", **ports) as dev:
        await dev.prints("Starting")
        children = await _first_children(dev)
        dev.process.send_signal(signal.SIGTERM)
        ended = await dev.ended()

    assert ended.code == 0
    assert _READY not in ended.output
    _assert_ended(children)


async def _first_children(dev: Running) -> list[psutil.Process]:
    return list((await wait_until(dev.children)).values())


def _assert_ended(processes: Iterable[psutil.Process]) -> None:
    """Assert that processes have ended. Those whose parent was killed may take a moment."""
    _, left = psutil.wait_procs(list(processes), timeout=20)
    assert left == []
