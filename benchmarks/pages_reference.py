"""The reference for pages: FastAPI and SQLAlchemy's ORM, written the usual way.

It loads related rows with ``selectinload`` and serializes with orjson, without a response model.
That is the fastest variant.
"""

from __future__ import annotations

import os
from datetime import datetime  # ruff: ignore[typing-only-standard-library-import] - the ORM evaluates annotations
from decimal import Decimal  # ruff: ignore[typing-only-standard-library-import] - as above
from typing import Any

import orjson
import uvloop
from fastapi import FastAPI, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, relationship, selectinload

from benchmarks.pages_servers import serve_reference
from persistence import tables
from persistence.settings import PersistenceSettings


class Model(DeclarativeBase):
    pass


class Customer(Model):
    __table__ = tables.customers
    id: Mapped[str]
    name: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str | None]


class Payment(Model):
    __table__ = tables.payments
    id: Mapped[str]
    order_id: Mapped[str]
    status: Mapped[str]
    amount_minor: Mapped[Decimal]
    currency: Mapped[str]
    updated_at: Mapped[datetime]


class Event(Model):
    __table__ = tables.events
    order_id: Mapped[str]
    sequence: Mapped[int]
    type: Mapped[str]
    state: Mapped[str]
    message: Mapped[str]
    at: Mapped[datetime]


class Order(Model):
    __table__ = tables.orders
    id: Mapped[str]
    customer_id: Mapped[str]
    state: Mapped[str]
    sequence: Mapped[int]
    priority: Mapped[str]
    total: Mapped[Decimal]
    currency: Mapped[str]
    shipping_address: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    customer: Mapped[Customer] = relationship(lazy="raise")
    payment: Mapped[Payment] = relationship(lazy="raise", uselist=False)
    events: Mapped[list[Event]] = relationship(lazy="raise", order_by=tables.events.c.sequence)


_PAGE = (
    select(Order)
    .order_by(Order.created_at.desc(), Order.id.desc())
    .options(selectinload(Order.customer), selectinload(Order.payment), selectinload(Order.events))
)


def create_app(engine: AsyncEngine) -> FastAPI:
    """Build the application. The caller disposes of the engine."""
    app = FastAPI()
    sessions = async_sessionmaker(engine)

    @app.get("/orders")
    async def orders(first: int) -> Response:
        async with sessions() as session:
            found = await session.scalars(_PAGE.limit(first))
            document = {"data": {"orders": {"nodes": [_order(order) for order in found]}}}
        return Response(orjson.dumps(document), media_type="application/json")

    return app


def _order(order: Order) -> dict[str, Any]:
    address, customer, payment = order.shipping_address, order.customer, order.payment
    return {
        "id": order.id,
        "state": order.state,
        "sequence": order.sequence,
        "priority": order.priority,
        "total": {"amount": f"{order.total:.2f}", "currency": order.currency},
        "shippingAddress": {
            "street": address["street"],
            "city": address["city"],
            "postalCode": address["postal_code"],
            "country": address["country"],
        },
        "createdAt": order.created_at.isoformat(),
        "updatedAt": order.updated_at.isoformat(),
        "customer": {
            "id": customer.id,
            "name": customer.name,
            "email": customer.email,
            "phone": customer.phone,
        },
        "payment": {
            "id": payment.id,
            "status": payment.status,
            "amount": {
                "amount": f"{payment.amount_minor.scaleb(-2):.2f}",
                "currency": payment.currency,
            },
            "updatedAt": payment.updated_at.isoformat(),
        },
        "events": {"nodes": [_event(event) for event in order.events]},
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "sequence": event.sequence,
        "type": event.type,
        "state": event.state,
        "message": event.message,
        "at": event.at.isoformat(),
    }


async def serve() -> None:
    engine = create_async_engine(
        PersistenceSettings().url,
        json_deserializer=orjson.loads,
        connect_args={"server_settings": {"timezone": "UTC"}},
    )
    await serve_reference(create_app(engine), int(os.environ["PORT"]))
    await engine.dispose()


if __name__ == "__main__":
    uvloop.run(serve())
