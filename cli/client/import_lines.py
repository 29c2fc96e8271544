"""The lines of an import, and what becomes of each."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import orjson

from cli.client import operations
from cli.client.concurrency_limit import OutOfReach
from cli.client.exit_codes import Exit, exit_of_failure
from cli.client.failures import RequestFailed
from cli.client.retries import PATIENTLY
from cli.client.session import reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cli.client.concurrency_limit import ConcurrencyLimit
    from cli.client.session import Session


class LineRefused(Exception):
    """A line that cannot be sent as it is; the message says why."""


def numbered_lines(file: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield each line that has something in it, with the number that an editor shows."""
    for number, line in enumerate(file, start=1):
        text = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if text.strip():
            yield number, text


def read_order(line: bytes, *, allow_new_ids: bool) -> dict[str, Any]:
    """Return a line's StartOrderInput, which has an id. Raises LineRefused."""
    try:
        order = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise LineRefused(f"not JSON: {error}") from None
    if not isinstance(order, dict):
        raise LineRefused("not a JSON object")
    if isinstance(order.get("id"), list | dict):
        raise LineRefused("its id is neither text nor a number")
    if order.get("id") in {None, ""}:
        if not allow_new_ids:
            raise LineRefused(
                "it has no id, so that running the import again would start it again: give it one,"
                " or use --allow-new-ids"
            )
        order["id"] = f"order-{uuid4()}"
    return order


class Import:
    """One run over the lines, by workers that share them and the room that the API has."""

    def __init__(
        self,
        session: Session,
        lines: Iterator[tuple[int, bytes]],
        room: ConcurrencyLimit,
        *,
        allow_new_ids: bool,
    ) -> None:
        """Nothing is sent yet."""
        self.problems: list[dict[str, Any]] = []
        self._session = session
        self._lines = lines
        self._room = room
        self._allow_new_ids = allow_new_ids
        self._started = self._replayed = self._refused = self._failed = self._not_sent = 0

    @property
    def exit(self) -> Exit:
        """The exit code that says how it went."""
        if self._failed or self._not_sent:
            return Exit.FAILED
        return Exit.REFUSED if self._refused else Exit.DONE

    def counts(self) -> dict[str, int]:
        """Return how many lines there were of each fate."""
        return {
            "started": self._started,
            "replayed": self._replayed,
            "refused": self._refused,
            "failed": self._failed,
            "notSent": self._not_sent,
        }

    async def work(self, advance: Callable[[], None]) -> None:
        """Take lines until there are no more; once the API is out of reach, only count them."""
        for number, line in self._lines:
            if self._room.out_of_reach:
                self._not_sent += 1
            else:
                await self._start(number, line)
            advance()

    async def _start(self, number: int, line: bytes) -> None:
        try:
            order = read_order(line, allow_new_ids=self._allow_new_ids)
        except LineRefused as refusal:
            self._refuse(number, None, str(refusal))
            return
        try:
            result = await self._room.one(lambda: self._send_once(order), PATIENTLY)
        except OutOfReach:
            self._not_sent += 1
            return
        except RequestFailed as failure:
            if exit_of_failure(failure) is Exit.INVALID:
                self._refuse(number, order, str(failure))
            else:
                self._failed += 1
                self._tell(number, order, "failed", str(failure))
            return
        if "message" in result:
            self._refuse(number, order, reason(result))
        elif result["replayed"]:
            self._replayed += 1
        else:
            self._started += 1

    async def _send_once(self, order: dict[str, Any]) -> dict[str, Any]:
        return await self._session.send(operations.IMPORT, order, delays=())

    def _refuse(self, number: int, order: dict[str, Any] | None, why: str) -> None:
        self._refused += 1
        self._tell(number, order, "refused", why)

    def _tell(self, number: int, order: dict[str, Any] | None, fate: str, why: str) -> None:
        order_id = order and order["id"]
        self.problems.append({"line": number, "id": order_id, "fate": fate, "reason": why})
        self._session.out.error(f"line {number}: {fate}: {why}")
