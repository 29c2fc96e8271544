"""The status of a workflow execution."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from temporalio.api.enums.v1 import WorkflowExecutionStatus

_PREFIX: Final = "WORKFLOW_EXECUTION_STATUS_"


class WorkflowStatus(StrEnum):
    """Temporal's WorkflowExecutionStatus, without its prefix.

    The SDK's own enum is not used because it has no PAUSED.
    """

    UNKNOWN = "UNKNOWN"
    PAUSED = "PAUSED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    TERMINATED = "TERMINATED"
    TIMED_OUT = "TIMED_OUT"
    CONTINUED_AS_NEW = "CONTINUED_AS_NEW"

    @classmethod
    def from_proto(cls, status: WorkflowExecutionStatus.ValueType) -> WorkflowStatus:
        """Convert a status. UNKNOWN if it is unspecified, or newer than this enum."""
        try:
            name = WorkflowExecutionStatus.Name(status)
        except ValueError:
            return cls.UNKNOWN
        return cls.__members__.get(name.removeprefix(_PREFIX), cls.UNKNOWN)

    @property
    def query_name(self) -> str:
        """The name in visibility queries, for example ``TimedOut``."""
        return "".join(word.capitalize() for word in self.split("_"))
