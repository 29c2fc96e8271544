"""Drops malformed signals before they block a workflow."""

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
    """Drops signals whose payload is not exactly one message of the handler's type.

    The Temporal UI sends no payload by default, and an exception in a handler would fail the
    workflow task forever. The SDK itself drops JSON that does not match the handler's type, but
    passes on null and raw bytes.
    """

    def workflow_interceptor_class(  # ruff: ignore[no-self-use]
        self,
        input: WorkflowInterceptorClassInput,  # ruff: ignore[builtin-argument-shadowing, unused-method-argument]
    ) -> type[WorkflowInboundInterceptor] | None:
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
            workflow.logger.warning("dropped signal %s: its payload is malformed", input.signal)
