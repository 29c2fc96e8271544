"""Searches order workflows in Temporal's visibility store by their search attributes.

The store is eventually consistent. Its OrderState is updated only for AWAITING_APPROVAL and final
states, because each update adds an event to the workflow's history.
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
from orchestration.search_attributes import (
    CUSTOMER_ID,
    CUSTOMER_NAME,
    ORDER_STATE,
    ORDER_TOTAL,
    PRIORITY,
    split_words,
)
from orchestration.workflow_status import WorkflowStatus

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from temporalio.api.workflow.v1 import WorkflowExecutionInfo
    from temporalio.client import Client

    from orchestration.domain.order import Priority
    from orchestration.domain.states import OrderState


CUSTOMER_NAME_MEMO = "customerName"
"""Memo field with the name as the customer wrote it. The search attribute has only its words."""

_DIGEST_BYTES = 8
_MATCH_NOTHING = "WorkflowType IS NULL"


class BadPageToken(ValueError):
    """The token does not come from a page of this search."""


class CustomerNamesNotIndexed(Exception):
    """The search is for a customer's name, which the orders' search attributes do not contain."""


@dataclass(frozen=True)
class WorkflowSearch:
    """Search criteria. A criterion that is None, or a blank name, matches every workflow.

    A name that contains no letter or digit matches nothing. Totals are in major units and are
    compared regardless of currency.
    """

    statuses: Sequence[WorkflowStatus] | None = None
    states: Sequence[OrderState] | None = None
    customer_id: str | None = None
    customer_name: str | None = None
    priorities: Sequence[Priority] | None = None
    total_from: Decimal | None = None
    total_to: Decimal | None = None


@dataclass(frozen=True)
class FoundWorkflow:
    """A workflow execution as stored in the visibility store."""

    workflow_id: str
    run_id: str
    status: WorkflowStatus
    customer_id: str | None
    customer_name: str | None
    order_total: Decimal | None
    priority: str | None
    started_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class FoundPage:
    """A page of workflows, open ones first. ``token`` is None on the last page.

    ``query`` is the visibility query that was sent.
    """

    workflows: list[FoundWorkflow]
    token: str | None
    query: str


def visibility_query(search: WorkflowSearch) -> str:
    """Return the search as a Temporal list filter.

    Injection is impossible without escaping: every value is an enum name, a number, an identifier,
    or a word of letters and digits. Stores differ in how they parse escaped quotes and backslashes.
    """
    return " AND ".join(["WorkflowType = 'OrderWorkflow'", *_conditions(search)])


def _conditions(search: WorkflowSearch) -> Iterator[str]:
    if search.statuses is not None:
        yield _one_of("ExecutionStatus", [status.query_name for status in search.statuses])
    if search.states is not None:
        yield _one_of(ORDER_STATE.name, search.states)
    if search.customer_id is not None:
        valid = IDENTIFIER.fullmatch(search.customer_id)
        yield _one_of(CUSTOMER_ID.name, [search.customer_id] if valid else [])
    if search.customer_name is not None and search.customer_name.strip():
        words = split_words(search.customer_name)
        yield from [f"{CUSTOMER_NAME.name} = '{word}'" for word in words] or [_MATCH_NOTHING]
    if search.priorities is not None:
        yield _one_of(PRIORITY.name, search.priorities)
    if search.total_from is not None:
        yield f"{ORDER_TOTAL.name} >= {search.total_from:f}"
    if search.total_to is not None:
        yield f"{ORDER_TOTAL.name} <= {search.total_to:f}"


def _one_of(name: str, values: Sequence[str]) -> str:
    # List filters have no empty list. Every workflow has a type, so _MATCH_NOTHING matches none.
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{name} IN ({listed})" if values else _MATCH_NOTHING


async def find_workflows(
    client: Client, search: WorkflowSearch, first: int, after: str | None
) -> FoundPage:
    """Read the page of ``first`` workflows after a token. Raises BadPageToken and RPCError."""
    query = visibility_query(search)
    request = ListWorkflowExecutionsRequest(
        namespace=client.namespace,
        query=query,
        page_size=first,
        next_page_token=_token(query, after),
    )
    # Calls the service directly: the SDK's list_workflows raises ValueError for a paused workflow.
    try:
        page = await client.workflow_service.list_workflow_executions(request)
    except RPCError:
        if after is None:
            raise
        # The digest does not stop a deliberately forged token, and each store fails differently on
        # one. If the query works without the token, the token was the cause; if not, this raises.
        request.next_page_token = b""
        await client.workflow_service.list_workflow_executions(request)
        raise BadPageToken("the page token does not belong to this search") from None
    token = page.next_page_token
    if token:
        # Temporal may return a token after an exactly full last page. Check that a page follows.
        request.next_page_token, request.page_size = token, 1
        next_page = await client.workflow_service.list_workflow_executions(request)
        token = token if next_page.executions else b""
    return FoundPage(
        workflows=[await _found(client, info) for info in page.executions],
        token=_cursor(query, token) if token else None,
        query=query,
    )


def _cursor(query: str, token: bytes) -> str:
    return base64.urlsafe_b64encode(_digest(query, token) + token).decode()


def _token(query: str, cursor: str | None) -> bytes:
    """Decode a cursor, or raise BadPageToken. Temporal would report a server error instead."""
    try:
        decoded = base64.b64decode(cursor or "", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadPageToken("the page token is malformed") from None
    digest, token = decoded[:_DIGEST_BYTES], decoded[_DIGEST_BYTES:]
    if decoded and digest != _digest(query, token):
        raise BadPageToken("the page token does not belong to this search")
    return token


def _digest(query: str, token: bytes) -> bytes:
    return hashlib.sha256(query.encode() + token).digest()[:_DIGEST_BYTES]


async def _found(client: Client, info: WorkflowExecutionInfo) -> FoundWorkflow:
    attributes = decode_typed_search_attributes(info.search_attributes)
    total = attributes.get(ORDER_TOTAL)
    closed = info.HasField("close_time")
    name = await _memo_name(client, info)
    return FoundWorkflow(
        workflow_id=info.execution.workflow_id,
        run_id=info.execution.run_id,
        status=WorkflowStatus.from_proto(info.status),
        customer_id=attributes.get(CUSTOMER_ID),
        customer_name=name or attributes.get(CUSTOMER_NAME),
        order_total=None if total is None else Decimal(repr(total)),
        priority=attributes.get(PRIORITY),
        started_at=info.start_time.ToDatetime(tzinfo=UTC),
        closed_at=info.close_time.ToDatetime(tzinfo=UTC) if closed else None,
    )


async def _memo_name(client: Client, info: WorkflowExecutionInfo) -> str | None:
    """Return None if the workflow was started with Temporal's own tools, without such a memo."""
    payload = info.memo.fields.get(CUSTOMER_NAME_MEMO)
    if payload is None:
        return None
    try:
        [name] = await client.data_converter.decode([payload], [str])
    except (KeyError, RuntimeError, ValueError):
        return None
    return str(name)
