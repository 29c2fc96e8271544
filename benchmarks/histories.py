"""Counts in workflow histories: events, workflow tasks, activities, and actions as billed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from temporalio.api.enums.v1 import EventType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from temporalio.api.history.v1 import HistoryEvent

_WORKFLOW_TASK = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
_ACTIVITY = EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED

_BILLED = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
    EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED,  # besides the child's own start
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
    EventType.EVENT_TYPE_TIMER_STARTED,
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
}
"""Events that Temporal Cloud bills as one action each.

It also bills repeated attempts and queries, which a history does not contain.
"""


def counts(events: Sequence[HistoryEvent]) -> dict[str, int]:
    """Count the events of an order's workflow and its children."""
    types = [event.event_type for event in events]
    return {
        "events": len(types),
        "workflow tasks": types.count(_WORKFLOW_TASK),
        "activities": types.count(_ACTIVITY),
        "actions": sum(type_ in _BILLED for type_ in types),
    }
