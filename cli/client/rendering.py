"""What several commands tell of an order, or of one that is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.client.exit_codes import Exit
from cli.client.formatting import local_time, money, typed

if TYPE_CHECKING:
    from cli.client.output import Output
    from cli.client.session import Session


def tell_order(out: Output, order: dict[str, Any]) -> None:
    """Say where an order stands, and what can be done about it, in a few lines."""
    out.say(order["id"], "  ", order["state"], "  ", money(order["total"]))
    if order["failure"]:
        out.say(order["failure"]["code"], ": ", order["failure"]["message"])
    if order["reviewDeadline"] and order["state"] == "AWAITING_APPROVAL":
        out.say("in review until ", local_time(order["reviewDeadline"]))
    if order["availableCommands"]:
        out.say("takes ", ", ".join(map(typed, order["availableCommands"])))


def no_such(session: Session, kind: str, sought: str) -> Exit:
    """Say that there is none."""
    session.out.error(f"There is no {kind} {sought}.")
    return Exit.NOT_FOUND
