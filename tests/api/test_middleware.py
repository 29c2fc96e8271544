"""Middleware of the schema works, and the API reports at its start that lists are slow with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import MiddlewareManager

from gql.schema import schema
from tests.support.api_app import make_app
from tests.support.api_client import served

if TYPE_CHECKING:
    import pytest
    from sqlalchemy.ext.asyncio import AsyncEngine

    from orchestration.client import OrderClient
    from tests.support.api_client import ApiClient

Json = dict[str, Any]


class Tracer:
    def __init__(self) -> None:
        self.seen: list[str] = []

    def resolve(self, next_: Any, root: Any, info: Any, **arguments: Any) -> Any:
        self.seen.append(f"{info.parent_type}.{info.field_name}")
        return next_(root, info, **arguments)


def reports(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if "the fast path is off" in r.getMessage()]


async def test_middleware_is_reported_once_at_the_start_and_sees_every_value(  # ruff: ignore[too-many-arguments, too-many-positional-arguments] - fixtures
    api: ApiClient,
    engine: AsyncEngine,
    orders: OrderClient,
    new_order: Json,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    tracer = Tracer()
    monkeypatch.setattr(schema, "middleware", MiddlewareManager(tracer))
    app = make_app(engine, orders)
    [report] = reports(caplog)
    assert "Tracer" in report
    await api.start(new_order)
    await api.reaches(new_order["id"], "AWAITING_APPROVAL")
    tracer.seen.clear()
    async with served(app) as traced:
        query = "query ($id: ID!) { orders(filter: {ids: [$id]}) { nodes { id state } } }"
        page = await traced.field(query, id=new_order["id"])
        events = "subscription ($id: ID!) { orderEvents(orderId: $id) { sequence } }"
        async with traced.watching(events, id=new_order["id"]) as watch:
            assert (await anext(watch))["type"] == "next"
    assert page == {"nodes": [{"id": new_order["id"], "state": "AWAITING_APPROVAL"}]}
    assert {"Query.orders", "Order.id", "Order.state", "OrderEvent.sequence"} <= set(tracer.seen)
    assert len(reports(caplog)) == 1


def test_without_middleware_nothing_is_reported(
    engine: AsyncEngine, orders: OrderClient, caplog: pytest.LogCaptureFixture
) -> None:
    make_app(engine, orders)
    assert reports(caplog) == []
