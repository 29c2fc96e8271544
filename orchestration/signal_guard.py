"""Keeps a signal that does not fit from holding up an order."""

from __future__ import annotations

from typing import Any

from temporalio import workflow
from temporalio.worker import (
    HandleSignalInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)


class SignalGuard(Interceptor):
    """Drops signals with no payload, or more than one, with a log line.

    Every signal here takes exactly one argument. Temporal's page sends none unless told otherwise,
    and the handler's TypeError would fail the workflow task for ever. A payload that cannot be
    read is dropped by the SDK itself.
    """

    def workflow_interceptor_class(  # ruff: ignore[no-self-use]
        self,
        input: WorkflowInterceptorClassInput,  # ruff: ignore[builtin-argument-shadowing, unused-method-argument]
    ) -> type[WorkflowInboundInterceptor] | None:
        """Guard every workflow of the worker."""
        return _GuardedWorkflow


class _GuardedWorkflow(WorkflowInboundInterceptor):
    async def handle_signal(self, input: HandleSignalInput) -> None:  # ruff: ignore[builtin-argument-shadowing]
        args: list[Any] = list(input.args)
        if len(args) != 1:
            workflow.logger.warning(
                "dropped signal %s: it takes one payload and came with %d", input.signal, len(args)
            )
            return
        await super().handle_signal(input)
