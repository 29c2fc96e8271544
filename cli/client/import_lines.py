"""Parses and sends the lines of an import, and counts the results."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import orjson

from cli.client import operations
from cli.client.concurrency_limit import ApiUnavailable
from cli.client.exit_codes import ExitCode, exit_code_of_failure
from cli.client.failures import RequestFailed
from cli.client.retries import LONG_DELAYS
from cli.client.session import refusal_reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cli.client.concurrency_limit import ConcurrencyLimit
    from cli.client.session import Session


class InvalidLine(Exception):
    pass


def numbered_lines(file: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not blank, with their numbers in the file, from 1."""
    for number, line in enumerate(file, start=1):
        text = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if text.strip():
            yield number, text


def parse_order(line: bytes, *, allow_new_ids: bool) -> dict[str, Any]:
    """Return a line's StartOrderInput, which has an ID. Raises InvalidLine."""
    try:
        order = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InvalidLine(f"not JSON: {error}") from None
    if not isinstance(order, dict):
        raise InvalidLine("not a JSON object")
    if isinstance(order.get("id"), list | dict):
        raise InvalidLine("the id must be a string or a number")
    if order.get("id") in {None, ""}:
        if not allow_new_ids:
            raise InvalidLine(
                "the id is missing, so repeating the import would start the order again: add an id,"
                " or use --allow-new-ids"
            )
        order["id"] = f"order-{uuid4()}"
    return order


class Import:
    """One run of an import. Concurrent tasks share the lines and the concurrency limit."""

    def __init__(
        self,
        session: Session,
        lines: Iterator[tuple[int, bytes]],
        limit: ConcurrencyLimit,
        *,
        allow_new_ids: bool,
    ) -> None:
        self.problems: list[dict[str, Any]] = []
        self._session = session
        self._lines = lines
        self._limit = limit
        self._allow_new_ids = allow_new_ids
        self._started = self._replayed = self._refused = self._failed = self._not_sent = 0

    @property
    def exit_code(self) -> ExitCode:
        if self._failed or self._not_sent:
            return ExitCode.FAILURE
        return ExitCode.REFUSED if self._refused else ExitCode.SUCCESS

    def counts(self) -> dict[str, int]:
        """Return the number of lines per result. Each line has exactly one."""
        return {
            "started": self._started,
            "replayed": self._replayed,
            "refused": self._refused,
            "failed": self._failed,
            "notSent": self._not_sent,
        }

    async def process_lines(self, advance: Callable[[], None]) -> None:
        """Send lines until there are none left. Once the API is unavailable, only count them."""
        for number, line in self._lines:
            if self._limit.api_unavailable:
                self._not_sent += 1
            else:
                await self._start(number, line)
            advance()

    async def _start(self, number: int, line: bytes) -> None:
        try:
            order = parse_order(line, allow_new_ids=self._allow_new_ids)
        except InvalidLine as error:
            self._refuse(number, None, str(error))
            return
        try:
            result = await self._limit.run(lambda: self._send_once(order), LONG_DELAYS)
        except ApiUnavailable:
            self._not_sent += 1
            return
        except RequestFailed as failure:
            if exit_code_of_failure(failure) is ExitCode.INVALID:
                self._refuse(number, order, str(failure))
            else:
                self._failed += 1
                self._report(number, order, "failed", str(failure))
            return
        if "message" in result:
            self._refuse(number, order, refusal_reason(result))
        elif result["replayed"]:
            self._replayed += 1
        else:
            self._started += 1

    async def _send_once(self, order: dict[str, Any]) -> dict[str, Any]:
        return await self._session.mutate(operations.IMPORT, order, delays=())

    def _refuse(self, number: int, order: dict[str, Any] | None, reason: str) -> None:
        self._refused += 1
        self._report(number, order, "refused", reason)

    def _report(self, number: int, order: dict[str, Any] | None, fate: str, reason: str) -> None:
        order_id = order and order["id"]
        self.problems.append({"line": number, "id": order_id, "fate": fate, "reason": reason})
        self._session.out.error(f"line {number}: {fate}: {reason}")
