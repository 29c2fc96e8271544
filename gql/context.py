"""The context that resolvers receive: the application's services and one operation's state."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import strawberry
from graphql import OperationType
from starlette.requests import Request
from starlette.websockets import WebSocket

from gql.access.authenticator import Authenticator
from gql.access.principal import NOBODY, Principal
from gql.access.rate_limits import CallerLimits
from gql.documents.admission import Admission
from gql.documents.preparer import DocumentPreparer, PreparedDocument
from gql.errors import UnavailableSource
from gql.reading.loaders import Loaders
from gql.reading.order_reader import MAX_TEMPORAL_CALLS, OrderReader
from gql.settings import ApiSettings
from gql.streams.hub import EventStreams
from orchestration.client import OrderClient
from persistence.customers import PostgresCustomers
from persistence.reads import Reads


@dataclass(frozen=True)
class Services:
    """Objects that live as long as the application."""

    settings: ApiSettings
    reads: Reads
    customers: PostgresCustomers
    orders: OrderClient
    streams: EventStreams
    document_preparer: DocumentPreparer
    admission: Admission
    authenticator: Authenticator
    caller_limits: CallerLimits


@dataclass
class Context:
    """The state of one operation.

    Strawberry shares one context among all operations of a WebSocket. Each operation therefore
    starts with ``for_operation``, once its document is known to be valid.

    ``reads`` is limited to the customer of the caller, if the caller is one. Resolvers use it, and
    not ``services.reads``. ``points_left`` is set if the caller has a rate limit.
    """

    services: Services
    request: Request | WebSocket
    principal: Principal = NOBODY
    prepared: PreparedDocument | None = None
    points_left: int | None = None
    unavailable: set[UnavailableSource] = field(default_factory=set)
    reads: Reads = field(init=False)
    loaders: Loaders = field(init=False)
    temporal_calls: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        owner = self.principal.customer_id
        reads = self.services.reads
        self.reads = reads if owner is None else reads.of_customer(owner)
        self.temporal_calls = asyncio.Semaphore(MAX_TEMPORAL_CALLS)
        self.loaders = Loaders(self.reads, self.unavailable, self.order_reader)

    def for_operation(self, prepared: PreparedDocument) -> Context:
        """Return a context that shares only the services with other operations."""
        return replace(self, prepared=prepared, unavailable=set())

    @property
    def is_subscription(self) -> bool:
        return (
            self.prepared is not None
            and self.prepared.operation.operation is OperationType.SUBSCRIPTION
        )

    def start_event(self) -> None:
        """Drop what was read for the previous event of a subscription."""
        self.unavailable.clear()
        self.loaders = Loaders(self.reads, self.unavailable, self.order_reader)

    @property
    def order_reader(self) -> OrderReader:
        return OrderReader(
            self.reads,
            self.services.orders,
            self.temporal_calls,
            self.unavailable,
            self.principal.customer_id,
        )


Info: TypeAlias = strawberry.Info[Context, Any]
