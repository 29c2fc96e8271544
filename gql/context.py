"""What resolvers are given: the application's services, and one operation's own state."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import strawberry
from graphql import OperationType
from starlette.requests import Request
from starlette.websockets import WebSocket

from gql.admission import Admission
from gql.documents import Documents, Prepared
from gql.loaders import Loaders
from gql.order_reader import Missing, OrderReader
from gql.settings import ApiSettings
from gql.streams.hub import EventStreams
from orchestration.client import OrderClient
from persistence.customers import PostgresCustomers
from persistence.reads import Reads

TEMPORAL_CALLS = 16
"""Questions to Temporal that one operation may have under way: a list may ask for each order."""


@dataclass(frozen=True)
class Services:
    """What lives as long as the application."""

    settings: ApiSettings
    reads: Reads
    customers: PostgresCustomers
    orders: OrderClient
    streams: EventStreams
    documents: Documents
    admission: Admission


@dataclass
class Context:
    """One operation's state.

    Strawberry shares a context among all of a WebSocket's operations: each begins with
    ``for_operation``, once its document is found to be right.
    """

    services: Services
    request: Request | WebSocket
    prepared: Prepared | None = None
    missing: set[Missing] = field(default_factory=set)
    executing: bool = False
    loaders: Loaders = field(init=False)
    gate: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        """Have nothing read yet."""
        self.loaders = Loaders(self.services.reads, self.missing)
        self.gate = asyncio.Semaphore(TEMPORAL_CALLS)

    def for_operation(self, prepared: Prepared) -> Context:
        """Return a context that shares nothing with other operations but the services."""
        return replace(self, prepared=prepared, missing=set(), executing=False)

    @property
    def is_streamed(self) -> bool:
        """Whether this is a subscription, which has no end and many answers."""
        return (
            self.prepared is not None
            and self.prepared.operation.operation is OperationType.SUBSCRIPTION
        )

    def renew(self) -> None:
        """Forget what was read: the next event of a subscription is a new answer."""
        self.missing.clear()
        self.loaders = Loaders(self.services.reads, self.missing)

    @property
    def order_reader(self) -> OrderReader:
        """Reads orders, and notes here what did not answer."""
        services = self.services
        return OrderReader(services.reads, services.orders, self.gate, self.missing)


Info: TypeAlias = strawberry.Info[Context, Any]
