"""``orders import`` starts each order once, however often it is interrupted."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from cli.client import import_lines, paging, retries
from cli.service.ports import free_ports
from tests.support.api_app import make_app, order_client
from tests.support.api_client import served
from tests.support.command_line import Command, answering, refusal
from tests.support.tcp_proxy import proxy_to

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from sqlalchemy.ext.asyncio import AsyncEngine
    from temporalio.client import Client

    from orchestration.settings import OrchestrationSettings
    from tests.support.api_client import ApiClient

Json = dict[str, Any]

_MANY = 3_000
_PAGE = 15
_ORDERS = 40  # more than two pages, and than the default concurrency twice


def order(customer_id: str, order_id: str | None, **changes: Any) -> Json:
    return {
        "id": order_id,
        "customerId": customer_id,
        "items": [{"sku": "CUP", "quantity": 1, "unitPrice": "1.00"}],
        "currency": "USD",
        "shippingAddress": {"street": "1 Main St", "city": "Springfield", "country": "US"},
        "policy": {"reviewMode": "MANUAL"},
        **changes,
    }


def write(file: Path, *lines: Json | str) -> str:
    file.write_text(
        "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines),
        encoding="utf-8",
    )
    return str(file)


async def test_a_repeated_import_replays_its_orders_and_reports_the_same_invalid_lines(
    command: Command, customer_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "MAX_PAGE_SIZE", _PAGE)
    prefix = f"import-{uuid4().hex[:8]}"
    good = [order(customer_id, f"{prefix}-{number}") for number in range(_ORDERS)]
    wrong: dict[int, tuple[Json | str, str]] = {
        1: ("{", "not JSON"),
        5: ("[1]", "not a JSON object"),
        12: (order("nobody", f"{prefix}-a"), "nobody"),
        18: (order(customer_id, f"{prefix}-b", items=[]), "items"),
        24: (order(customer_id, None), "the id is missing"),
        30: (order(customer_id, None, id=[prefix]), "the id must be a string or a number"),
        36: (order(customer_id, f"{prefix}-c", colour="red"), "colour"),
        40: (order(customer_id, f"{prefix}-0", currency="EUR"), "currency"),
    }
    lines: list[Json | str] = [*good]
    for number, (line, _) in wrong.items():
        lines.insert(number - 1, line)
    lines.insert(10, "")  # moves those below by one
    file = write(tmp_path / "orders.jsonl", *lines)

    first = await command("import", file)
    assert first.code == 3
    assert first.out == f"started {_ORDERS}, replayed 0, refused {len(wrong)}, failed 0\n"
    reported = first.err.splitlines()
    assert len(reported) == len(wrong)
    for number, (_, reason) in wrong.items():
        shifted = number if number <= 10 else number + 1
        [line] = [line for line in reported if line.startswith(f"line {shifted}: refused: ")]
        assert reason in line

    second = await command("import", file, "--json", "--concurrency", "4")
    assert second.code == 3
    summary = second.json
    problems = summary.pop("problems")
    counts = {"started": 0, "replayed": _ORDERS, "refused": len(wrong), "failed": 0, "notSent": 0}
    assert summary == counts
    assert {problem["fate"] for problem in problems} == {"refused"}
    assert {problem["id"] for problem in problems} >= {f"{prefix}-a", f"{prefix}-0", None}
    listed = await command("list", "--customer", customer_id, "--all", "--json")
    assert len([one for one in listed.lines if one["id"].startswith(prefix)]) == _ORDERS


async def test_lines_without_an_id_are_refused_unless_new_ids_are_allowed(
    command: Command, customer_id: str, tmp_path: Path
) -> None:
    line = order(customer_id, None)
    del line["id"]
    file = write(tmp_path / "orders.jsonl", "\ufeff" + json.dumps(line), line)
    refused = await command("import", file)
    assert (refused.code, refused.err.count("the id is missing")) == (3, 2)
    allowed = await command("import", file, "--allow-new-ids")
    assert (allowed.code, allowed.err) == (0, "")
    assert allowed.out.startswith("started 2,")


async def test_an_import_continues_when_the_api_is_available_again(
    api: ApiClient, customer_id: str, tmp_path: Path
) -> None:
    prefix = f"import-{uuid4().hex[:8]}"
    lines = [order(customer_id, f"{prefix}-{number}") for number in range(60)]
    file = write(tmp_path / "orders.jsonl", *lines)
    [port] = free_ports(1)
    async with proxy_to(api.address).listening(port) as proxy:
        importing = asyncio.create_task(
            Command(f"http://{proxy.address}")("import", file, "--concurrency", "2")
        )
        await api.reaches(f"{prefix}-3", "PLACED", "RECEIVED", "VALIDATED", "AWAITING_APPROVAL")
    async with proxy_to(api.address).listening(port):
        imported = await importing
    assert (imported.code, imported.err) == (0, "")
    # An order whose response was lost is sent again, and then counts as replayed.
    started, replayed = (int(words.split()[1]) for words in imported.out.split(",")[:2])
    assert started + replayed == 60
    assert replayed <= 2


async def test_an_import_with_more_concurrency_than_the_api_allows_loses_no_line(
    engine: AsyncEngine,
    orchestration: OrchestrationSettings,
    temporal_client: Client,
    customer_id: str,
    tmp_path: Path,
) -> None:
    # No worker polls this queue: the test is about starts alone.
    queue = f"{orchestration.order_task_queue}-without-worker"
    settings = orchestration.model_copy(update={"order_task_queue": queue})
    orders = order_client(temporal_client, settings, rpc_timeout=10)
    prefix = f"import-{uuid4().hex[:8]}"
    lines = [order(customer_id, f"{prefix}-{number}") for number in range(_ORDERS)]
    file = write(tmp_path / "orders.jsonl", *lines)
    async with served(make_app(engine, orders, max_requests=2)) as small:
        imported = await Command(str(small.http.base_url))("import", file, "--concurrency", "32")
    assert (imported.code, imported.err) == (0, "")
    assert imported.out == f"started {_ORDERS}, replayed 0, refused 0, failed 0\n"


async def test_an_import_stops_when_the_api_stays_unavailable(
    api: ApiClient, customer_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_lines, "LONG_DELAYS", retries.SHORT_DELAYS)
    prefix = f"import-{uuid4().hex[:8]}"
    # Far more orders than can be started before the first of them is in review.
    lines = [order(customer_id, f"{prefix}-{number}") for number in range(_MANY)]
    file = write(tmp_path / "orders.jsonl", *lines)
    async with proxy_to(api.address).listening() as proxy:
        importing = asyncio.create_task(
            Command(f"http://{proxy.address}")("import", file, "--concurrency", "2", "--json")
        )
        await api.reaches(f"{prefix}-3", "PLACED", "RECEIVED", "VALIDATED", "AWAITING_APPROVAL")
    imported = await importing
    counts = imported.json
    assert imported.code == 1
    assert counts["failed"] == 2
    assert counts["notSent"] > 0
    assert counts["started"] + counts["failed"] + counts["notSent"] == _MANY
    assert imported.err.count(": failed: ") == 2


async def test_an_import_stops_when_the_api_stays_at_its_request_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_lines, "LONG_DELAYS", retries.SHORT_DELAYS)
    file = write(tmp_path / "orders.jsonl", *(order("c", f"o-{number}") for number in range(60)))
    probed = b'{"data": {"__typename": "Query"}}'
    async with answering(probed, refusal("TOO_MANY_REQUESTS")) as url:
        imported = await Command(url)("import", file, "--json")
    assert imported.code == 1
    assert (imported.json["failed"], imported.json["notSent"]) == (1, 59)
    assert imported.err.endswith(": failed: Not now.\n")


async def test_an_import_reads_no_line_while_the_api_is_unavailable(tmp_path: Path) -> None:
    file = write(tmp_path / "orders.jsonl", "{")
    ended = await Command("http://127.0.0.1:9")("import", file)
    assert (ended.code, ended.out) == (1, "")
    assert "line 1" not in ended.err
