"""Finding orders' workflows in Temporal's visibility store by their search attributes.

The store follows the workflows by a moment, and of an order's states it knows AWAITING_APPROVAL,
SHIPPING and the ends alone: each change of an attribute costs an event of its history.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from temporalio.api.workflowservice.v1 import ListWorkflowExecutionsRequest
from temporalio.converter import decode_typed_search_attributes
from temporalio.service import RPCError

from orchestration.domain.order import IDENTIFIER
from orchestration.execution import placed_order, status_name
from orchestration.search_attributes import (
    CUSTOMER_ID,
    CUSTOMER_NAME,
    ORDER_STATE,
    ORDER_TOTAL,
    PRIORITY,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from temporalio.api.workflow.v1 import WorkflowExecutionInfo
    from temporalio.client import Client

    from orchestration.domain.order import Priority
    from orchestration.domain.states import OrderState


_SEAL = 8  # bytes of digest that a page token begins with
_NOTHING = "WorkflowType IS NULL"


class BadPageToken(ValueError):
    """The token is not one that a page of this search gave."""


@dataclass(frozen=True)
class WorkflowFilter:
    """What to look for. None, or a blank name, leaves everything in; a name of no word, nothing.

    ``statuses`` are the names of Temporal's execution statuses, as in ``TIMED_OUT``; totals are in
    major units, whatever the currency.
    """

    statuses: Sequence[str] | None = None
    states: Sequence[OrderState] | None = None
    customer_id: str | None = None
    customer_name: str | None = None
    priorities: Sequence[Priority] | None = None
    total_min: Decimal | None = None
    total_max: Decimal | None = None


@dataclass(frozen=True)
class FoundWorkflow:
    """An execution as the visibility store has it."""

    workflow_id: str
    run_id: str
    status: str
    customer_id: str | None
    customer_name: str | None
    order_total: Decimal | None
    priority: str | None
    started_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class FoundPage:
    """One page, open ones first, and the query that was sent. ``token`` leads to the next page."""

    workflows: list[FoundWorkflow]
    token: str | None
    query: str


def visibility_query(wanted: WorkflowFilter) -> str:
    """Write the filter in Temporal's list filter language.

    Every value in it is a name of ours, a number, an identifier or a word of letters and digits:
    none can be more than a value. (Stores differ in how they read an escaped quote or backslash.)
    """
    return " AND ".join(["WorkflowType = 'OrderWorkflow'", *_conditions(wanted)])


def _conditions(wanted: WorkflowFilter) -> Iterator[str]:
    if wanted.statuses is not None:
        statuses = ["".join(map(str.capitalize, name.split("_"))) for name in wanted.statuses]
        yield _one_of("ExecutionStatus", statuses)
    if wanted.states is not None:
        yield _one_of(ORDER_STATE.name, wanted.states)
    if wanted.customer_id is not None:
        known = IDENTIFIER.fullmatch(wanted.customer_id)
        yield _one_of(CUSTOMER_ID.name, [wanted.customer_id] if known else [])
    if wanted.customer_name is not None and wanted.customer_name.strip():
        named = [f"{CUSTOMER_NAME.name} = '{word}'" for word in words(wanted.customer_name)]
        yield from named or [_NOTHING]
    if wanted.priorities is not None:
        yield _one_of(PRIORITY.name, wanted.priorities)
    if wanted.total_min is not None:
        yield f"{ORDER_TOTAL.name} >= {wanted.total_min:f}"
    if wanted.total_max is not None:
        yield f"{ORDER_TOTAL.name} <= {wanted.total_max:f}"


def _one_of(name: str, values: Sequence[str]) -> str:
    # The language has no empty list; no workflow lacks a type.
    return f"{name} IN ({_listed(values)})" if values else _NOTHING


def _listed(values: Sequence[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


async def find(client: Client, wanted: WorkflowFilter, first: int, after: str | None) -> FoundPage:
    """Read one page after a token. Raises BadPageToken, and the SDK's RPCError."""
    query = visibility_query(wanted)
    request = ListWorkflowExecutionsRequest(
        namespace=client.namespace,
        query=query,
        page_size=first,
        next_page_token=_token(query, after),
    )
    # The service's own answer: the SDK's listing raises ValueError for a paused workflow.
    try:
        page = await client.workflow_service.list_workflow_executions(request)
    except RPCError:
        if after is None:
            raise
        # The seal does not keep out who makes a token of their own, and stores fail over it each
        # in its way. If the store has something else, it has it without a token too.
        request.next_page_token = b""
        await client.workflow_service.list_workflow_executions(request)
        raise BadPageToken("not a page token of this search") from None
    token = page.next_page_token
    if token:
        # A token may also follow an exact last page: whether one comes is known by looking.
        request.next_page_token, request.page_size = token, 1
        ahead = await client.workflow_service.list_workflow_executions(request)
        token = token if ahead.executions else b""
    return FoundPage(
        workflows=[await _found(client, info) for info in page.executions],
        token=_cursor(query, token) if token else None,
        query=query,
    )


def _cursor(query: str, token: bytes) -> str:
    return base64.urlsafe_b64encode(_seal(query, token) + token).decode()


def _token(query: str, cursor: str | None) -> bytes:
    """Take a cursor apart again: Temporal answers a wrong token as if it were out of order."""
    try:
        sealed = base64.b64decode(cursor or "", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadPageToken("not a page token") from None
    seal, token = sealed[:_SEAL], sealed[_SEAL:]
    if sealed and seal != _seal(query, token):
        raise BadPageToken("not a page token of this search")
    return token


def _seal(query: str, token: bytes) -> bytes:
    return hashlib.sha256(query.encode() + token).digest()[:_SEAL]


async def _found(client: Client, info: WorkflowExecutionInfo) -> FoundWorkflow:
    attributes = decode_typed_search_attributes(info.search_attributes)
    total = attributes.get(ORDER_TOTAL)
    closed = info.HasField("close_time")
    placed = await placed_order(client.data_converter, info.memo)
    return FoundWorkflow(
        workflow_id=info.execution.workflow_id,
        run_id=info.execution.run_id,
        status=status_name(info.status),
        customer_id=attributes.get(CUSTOMER_ID),
        customer_name=placed.order.customer_name if placed else attributes.get(CUSTOMER_NAME),
        order_total=None if total is None else Decimal(repr(total)),
        priority=attributes.get(PRIORITY),
        started_at=info.start_time.ToDatetime(tzinfo=UTC),
        closed_at=info.close_time.ToDatetime(tzinfo=UTC) if closed else None,
    )
