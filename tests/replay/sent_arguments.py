"""What a workflow sends to activities and child workflows, in a replay and in its history.

Temporal compares only the kinds and names of commands with a history. If new code counts the events
of a running order differently, the replay succeeds, and the order would then be recorded with gaps
and repetitions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from temporalio.worker import (
    Interceptor,
    StartActivityInput,
    StartChildWorkflowInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from orchestration.payloads import DATA_CONVERTER
from orchestration.ports import RecordBatch

if TYPE_CHECKING:
    from temporalio.client import WorkflowHistory
    from temporalio.workflow import ActivityHandle, ChildWorkflowHandle


@dataclass
class Sent:
    name: str
    arguments: Sequence[Any]
    types: list[type] | None


@dataclass
class SentArguments(Interceptor):
    """Collects what the replayed workflow sends."""

    sent: list[Sent] = field(default_factory=list)

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # ruff: ignore[builtin-argument-shadowing, unused-method-argument]
    ) -> type[WorkflowInboundInterceptor] | None:
        sent = self.sent

        class Outbound(WorkflowOutboundInterceptor):
            def start_activity(
                self,
                input: StartActivityInput,  # ruff: ignore[builtin-argument-shadowing]
            ) -> ActivityHandle[Any]:
                sent.append(Sent(input.activity, input.args, input.arg_types))
                return super().start_activity(input)

            async def start_child_workflow(
                self,
                input: StartChildWorkflowInput,  # ruff: ignore[builtin-argument-shadowing]
            ) -> ChildWorkflowHandle[Any, Any]:
                sent.append(Sent(input.workflow, input.args, input.arg_types))
                return await super().start_child_workflow(input)

        class Inbound(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(Outbound(outbound))

        return Inbound


def without_facts(sent: Sent) -> tuple[str, list[Any]]:
    """Leave out the facts of events. A later version may add some to those of a running order."""
    return sent.name, [
        replace(argument, events=[replace(event, payload={}) for event in argument.events])
        if isinstance(argument, RecordBatch)
        else argument
        for argument in sent.arguments
    ]


def sent_in(history: WorkflowHistory, replayed: Sequence[Sent]) -> list[Sent]:
    """Return what the history says was sent, read as the types of what the replay sends."""
    inputs = []
    for event in history.events:
        if event.HasField("activity_task_scheduled_event_attributes"):
            activity = event.activity_task_scheduled_event_attributes
            inputs.append((activity.activity_type.name, activity.input))
        if event.HasField("start_child_workflow_execution_initiated_event_attributes"):
            child = event.start_child_workflow_execution_initiated_event_attributes
            inputs.append((child.workflow_type.name, child.input))
    assert len(inputs) <= len(replayed)
    read = DATA_CONVERTER.payload_converter.from_payloads
    return [
        Sent(name, read(input_.payloads, sent.types), sent.types)
        for (name, input_), sent in zip(inputs, replayed, strict=False)
    ]
