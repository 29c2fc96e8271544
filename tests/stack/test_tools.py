"""``orders logs``, ``orders psql`` and ``orders temporal``, while ``orders dev`` runs and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.stack.conftest import Orders


async def test_the_tools_open_what_orders_dev_runs(orders: Orders, ports: dict[str, str]) -> None:
    async with orders.running("dev", **ports) as dev:
        await dev.prints("Ctrl-C")
        counted = await orders.run("psql", "-At", "-c", "SELECT 'orders', count(*) FROM orders")
        listed = await orders.run("temporal", "schedule", "list", **ports)
        failed = await orders.run("temporal", "no-such-command", **ports)
        async with orders.running("logs", "--service", "api", "--follow") as logs:
            await orders.run("status", "no-such-order", ORDERS_URL=_url(ports))
            await logs.prints("/graphql")
            followed = logs.written
        printed = await orders.run("logs", "--tail", "3")
        unknown = await orders.run("logs", "--service", "web")

    assert (counted.code, counted.output) == (0, "orders|0\n")
    assert listed.code == 0
    assert "reconcile-orders" in listed.output
    assert failed.code == 1
    assert {line.split("  ")[0] for line in followed.splitlines()} == {"api"}
    services = [line.split()[0] for line in printed.output.splitlines()]
    assert {"api", "order-worker", "shipping-worker"} <= set(services)
    assert max(map(services.count, services)) <= 3
    assert unknown.code == 2
    assert "order-worker" in unknown.output


async def test_the_tools_say_that_nothing_runs(orders: Orders) -> None:
    no_server = await orders.run("psql")
    no_logs = await orders.run("logs")

    assert (no_server.code, no_logs.code) == (1, 1)
    assert "No Postgres is running in" in no_server.output
    assert "There are no logs in" in no_logs.output


def _url(ports: dict[str, str]) -> str:
    return f"http://127.0.0.1:{ports['PORT']}"
