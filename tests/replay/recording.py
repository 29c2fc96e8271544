"""Records workflow histories of tests, to detect changes that would break running orders."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from temporalio.client import WorkflowHistory
from temporalio.service import RPCError

if TYPE_CHECKING:
    from temporalio.client import Client

FOLDER = Path(__file__).parent / "histories"

# Fields that describe the recording machine, not the order.
_MACHINE_FIELDS = {"identity", "stackTrace"}
_PROCESS = re.compile(r"^\d+@[\w.-]+")


async def record(client: Client, name: str, order_id: str) -> None:
    """Save the history of an order and of its shipping workflows under this name."""
    await _write(client, order_id, name)
    attempt = 1
    while await _write(client, f"{order_id}/shipping/{attempt}", f"{name}.shipping-{attempt}"):
        attempt += 1


async def _write(client: Client, workflow_id: str, name: str) -> bool:
    try:
        history = await client.get_workflow_handle(workflow_id).fetch_history()
    except RPCError:
        return False
    cleaned = _without_machine_fields(json.loads(history.to_json()))
    recorded = {"workflowId": workflow_id, **cleaned}
    (FOLDER / f"{name}.json").write_text(json.dumps(recorded, separators=(",", ":")) + "\n")
    return True


def _without_machine_fields(value: Any) -> Any:
    match value:
        case dict():
            kept = value.keys() - _MACHINE_FIELDS
            return {key: _without_machine_fields(value[key]) for key in value if key in kept}
        case list():
            return [_without_machine_fields(item) for item in value]
        case str():
            return _PROCESS.sub("worker", value)
    return value


def recorded_histories() -> dict[str, WorkflowHistory]:
    histories = {}
    for path in sorted(FOLDER.glob("*.json")):
        content = json.loads(path.read_text())
        histories[path.stem] = WorkflowHistory.from_json(content.pop("workflowId"), content)
    return histories
