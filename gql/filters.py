"""From the schema's filters to those of the record and of Temporal's visibility store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gql.errors import bad_input
from gql.types.enums import WorkflowStatus
from orchestration.domain.order import IDENTIFIER
from orchestration.domain.validation import text_problems
from orchestration.visibility import WorkflowSearch
from persistence.reads import OrderFilter

if TYPE_CHECKING:
    from gql import inputs

_NAME_LENGTH = 200


def order_filter(wanted: inputs.OrderFilter | None) -> OrderFilter:
    """Check what no type could check, or raise BAD_USER_INPUT."""
    if wanted is None:
        return OrderFilter()
    _check_name(wanted.customer_name)
    customer_id, total, created = wanted.customer_id, wanted.total, wanted.created_at
    ids = wanted.ids
    # What nothing can be called matches nothing; the record need not see it.
    if customer_id is not None and not IDENTIFIER.fullmatch(customer_id):
        customer_id, ids = None, []
    return OrderFilter(
        ids=None if ids is None else [one for one in ids if IDENTIFIER.fullmatch(one)],
        states=wanted.states,
        customer_id=customer_id,
        customer_name=wanted.customer_name,
        priorities=wanted.priorities,
        total_min=total.min if total else None,
        total_max=total.max if total else None,
        created_from=created.from_ if created else None,
        created_to=created.to if created else None,
    )


def workflow_filter(wanted: inputs.WorkflowFilter | None) -> WorkflowSearch:
    """Check what no type could check, or raise BAD_USER_INPUT."""
    if wanted is None:
        return WorkflowSearch()
    _check_name(wanted.customer_name)
    total = wanted.total
    statuses = wanted.statuses
    return WorkflowSearch(
        # Temporal has no status of that name: it is what this schema calls one that it lacks.
        statuses=statuses and [one for one in statuses if one is not WorkflowStatus.UNKNOWN],
        states=wanted.states,
        customer_id=wanted.customer_id,
        customer_name=wanted.customer_name,
        priorities=wanted.priorities,
        total_min=total.min if total else None,
        total_max=total.max if total else None,
    )


def _check_name(name: str | None) -> None:
    if name is not None and name.strip():
        for problem in text_problems(name, _NAME_LENGTH):
            raise bad_input(f"filter.customerName {problem.message}.")
