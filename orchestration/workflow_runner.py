"""Runs workflow code so that a query never divides the events of a workflow task.

A query that waited for a worker can arrive with events that no workflow task has processed. The
SDK passes these events to the workflow, answers, and keeps the workflow in its cache. The next
workflow task passes only later events, whereas a replay passes all of them at once. If the
workflow has made a decision in between, each replay fails as nondeterministic, and the order
never continues.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance

if TYPE_CHECKING:
    from temporalio.bridge.proto.workflow_activation import WorkflowActivation
    from temporalio.converter import SerializationContext, StorageDriverStoreContext
    from temporalio.worker import WorkflowInstanceDetails
    from temporalio.worker._command_aware_visitor import CommandInfo
    from temporalio.workflow import Info


_WITHOUT_EVENTS = frozenset({"query_workflow", "remove_from_cache"})


class WorkflowTaskRunner(UnsandboxedWorkflowRunner):
    """Fails a query that comes with unprocessed events, so that the SDK forgets the workflow.

    The next workflow task then replays the history. The runner does not use Temporal's sandbox,
    which takes much of a worker's CPU time (docs/decisions/0008). Tests check instead that
    workflow code is deterministic.
    """

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return _WorkflowTaskInstance(super().create_instance(det))


class _WorkflowTaskInstance(WorkflowInstance):
    def __init__(self, instance: WorkflowInstance) -> None:
        self._instance = instance
        self._started = 0  # when the last workflow task started, in nanoseconds since the epoch
        self._length = 0  # events in the history at that time

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        if any(job.WhichOneof("variant") in _WITHOUT_EVENTS for job in act.jobs):
            return self._instance.activate(act)
        started = act.timestamp.ToNanoseconds()
        if started == self._started and act.history_length > self._length:
            # There are more events, but no workflow task has started: they come with a query. They
            # cannot be kept for the task, because the SDK runs no code for a task without others.
            completion = WorkflowActivationCompletion(run_id=act.run_id)
            completion.failed.failure.message = "a workflow task has to process new events first"
            return completion
        self._started, self._length = started, act.history_length
        return self._instance.activate(act)

    def get_serialization_context(
        self, command_info: CommandInfo | None
    ) -> SerializationContext | None:
        return self._instance.get_serialization_context(command_info)

    def get_external_store_context(
        self, command_info: CommandInfo | None
    ) -> StorageDriverStoreContext:
        return self._instance.get_external_store_context(command_info)

    def get_info(self) -> Info:
        return self._instance.get_info()

    def get_thread_id(self) -> int | None:
        return self._instance.get_thread_id()
