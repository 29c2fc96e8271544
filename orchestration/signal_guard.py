"""Keeps a signal that does not fit from holding up an order."""

from __future__ import annotations

from dataclasses import is_dataclass

from temporalio import workflow
from temporalio.worker import (
    HandleSignalInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)


class SignalGuard(Interceptor):
    """Drops signals that do not carry just the one message that their handler takes.

    Temporal's page sends no payload unless told otherwise, and the handler's exception would fail
    the workflow task for ever. JSON that cannot be read as the message is dropped by the SDK
    itself; null and raw bytes it hands on as they are.
    """

    def workflow_interceptor_class(  # ruff: ignore[no-self-use]
        self,
        input: WorkflowInterceptorClassInput,  # ruff: ignore[builtin-argument-shadowing, unused-method-argument]
    ) -> type[WorkflowInboundInterceptor] | None:
        """Guard every workflow of the worker."""
        return _GuardedWorkflow


class _GuardedWorkflow(WorkflowInboundInterceptor):
    async def handle_signal(
        self,
        input: HandleSignalInput,  # ruff: ignore[builtin-argument-shadowing]
    ) -> None:
        arguments = list(input.args)
        if len(arguments) == 1 and is_dataclass(arguments[0]):
            await super().handle_signal(input)
        else:
            workflow.logger.warning("dropped signal %s: its payload does not fit", input.signal)
