"""Records workflow histories of tests, to detect changes that would break running orders."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from temporalio.client import WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

if TYPE_CHECKING:
    from temporalio.client import Client

RECORDED = Path(__file__).parent / "histories"
"""Named after the tests that record them. ``make record-histories`` replaces this folder."""

EARLIER = Path(__file__).parent / "earlier_histories"
"""No test records these any more. Its README has the reason for each, and nothing replaces them."""

# Fields that describe the recording machine, not the order.
_MACHINE_FIELDS = {"identity", "stackTrace"}
_PROCESS = re.compile(r"^\d+@[\w.-]+")


async def record(client: Client, folder: Path, name: str, order_id: str) -> None:
    """Save the history of an order and of its shipping workflows in files of this name.

    Of a test with parameters, the last run replaces the others.
    """
    recorded = {f"{name}.json": await _fetch(client, order_id)}
    while content := await _fetch(client, f"{order_id}/shipping/{len(recorded)}"):
        recorded[f"{name}.shipping-{len(recorded)}.json"] = content
    _replace(folder, name, recorded)


async def _fetch(client: Client, workflow_id: str) -> str | None:
    try:
        history = await client.get_workflow_handle(workflow_id).fetch_history()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    cleaned = _without_machine_fields(json.loads(history.to_json()))
    return json.dumps({"workflowId": workflow_id, **cleaned}, separators=(",", ":")) + "\n"


def _replace(folder: Path, name: str, recorded: dict[str, str | None]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob(f"{name}.*"):
        path.unlink()
    for file_name, content in recorded.items():
        if content is not None:
            (folder / file_name).write_text(content)


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


def recorded_files(folder: Path = RECORDED) -> dict[str, Path]:
    """Return the files of a folder by the names of their histories."""
    return {path.stem: path for path in sorted(folder.glob("*.json"))}


def read_history(path: Path) -> WorkflowHistory:
    content = json.loads(path.read_text(encoding="utf-8"))
    return WorkflowHistory.from_json(content.pop("workflowId"), content)


def recorded_histories() -> dict[str, WorkflowHistory]:
    return {name: read_history(path) for name, path in recorded_files().items()}
