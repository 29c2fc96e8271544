"""Names of the task queues on which the order side calls other systems.

Each system has its own queue, and so its own worker slots: calls that hang delay neither the record
nor another system. Workflow tasks and record writes use the order task queue itself.
"""

from __future__ import annotations


def payment_task_queue(order_task_queue: str) -> str:
    return f"{order_task_queue}-payments"


def recall_task_queue(order_task_queue: str) -> str:
    """Return the queue for recalls. Orders are undone even if no shipping worker is running."""
    return f"{order_task_queue}-carrier"
