"""Prints what a run did and found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.table import Table

from tests.chaos.clients import OrderClient
from tests.chaos.record import Remains
from tests.chaos.saboteur import Parts
from tests.chaos.streams import FeedReader
from tests.chaos.verification import Check

if TYPE_CHECKING:
    from rich.console import Console

_SHOWN_DIFFERENCES = 20  # per check


@dataclass(frozen=True)
class Report:
    """What a run did and found. ``seconds`` is the time from the first order to the last end."""

    clients: Sequence[OrderClient]
    feed: FeedReader
    parts: Parts
    seconds: float
    remains: Remains
    checks: Sequence[Check]

    @property
    def passed(self) -> bool:
        return not any(check.differences for check in self.checks)

    def print(self, console: Console) -> None:
        for table in (
            _orders(self.clients, self.remains),
            _parts(self.parts),
            _checks(self.checks),
        ):
            console.print(table)
        console.print(
            f"{len(self.clients)} orders in {self.seconds:.0f} s. Streams of single orders were"
            f" resumed {sum(client.stream.resumed for client in self.clients)} times, the feed"
            f" {self.feed.stream.resumed} times. Clients repeated"
            f" {sum(client.repeated_requests for client in self.clients)} answered requests."
        )
        for check in self.checks:
            if check.differences:
                console.print(f"\n{check.name}: {len(check.differences)} differences", style="red")
                for difference in check.differences[:_SHOWN_DIFFERENCES]:
                    console.print(f"  {difference}", markup=False)
        for part in self.parts.all:
            for exit_ in part.exits:
                console.print(f"\nNot killed, but ended: {exit_}", markup=False)


def _orders(clients: Sequence[OrderClient], remains: Remains) -> Table:
    """Count the orders by kind, end and payment."""
    table = Table("orders", "end", "payment", "number")
    counts: Counter[tuple[str, str, str]] = Counter()
    for client in clients:
        order = client.planned
        row = remains.rows.get(order.id)
        end = (row.snapshot.state, row.snapshot.payment_status) if row else ("none", "none")
        counts[order.kind, *end] += 1
    for key, number in counts.items():
        table.add_row(*key, str(number))
    return table


def _parts(parts: Parts) -> Table:
    table = Table("part", "killed", "ended by itself")
    for name, group in (
        ("order and shipping workers", parts.workers),
        ("API", [parts.api]),
        ("Postgres", [parts.postgres]),
        ("Temporal", [parts.temporal]),
    ):
        exits = sum(len(part.exits) for part in group)
        table.add_row(name, str(sum(part.kills for part in group)), str(exits))
    return table


def _checks(checks: Sequence[Check]) -> Table:
    table = Table("check", "cases", "differences")
    for check in checks:
        table.add_row(check.name, str(check.cases), str(len(check.differences)))
    return table
