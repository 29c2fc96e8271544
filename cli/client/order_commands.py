"""The commands that a running order takes, each with the workflow's verdict."""

# ruff: file-ignore[too-many-arguments, unused-function-argument] - an argument is an option; an address is read from the context

import asyncio
from typing import Annotated, Any, NoReturn, TypeAlias
from uuid import uuid4

import typer

from cli.client import operations
from cli.client.exit_codes import Exit
from cli.client.failures import RequestFailed
from cli.client.options import (
    AsJson,
    City,
    CommandId,
    Country,
    OrderId,
    PostalCode,
    Region,
    Street,
    Url,
    WaitFor,
)
from cli.client.order_input import address_from_options
from cli.client.rendering import tell_order
from cli.client.session import Session, talk

_PACE = 0.3  # seconds between two looks for a verdict

_Note: TypeAlias = Annotated[
    str | None, typer.Option(help="For the audit trail.", show_default=False)
]


def approve(
    order: OrderId,
    *,
    note: _Note = None,
    command_id: CommandId = None,
    wait: WaitFor = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Let an order in MANUAL review go on to its charge."""
    _send(operations.APPROVE, order, command_id, {"note": note}, wait, url, as_json=as_json)


def cancel(
    order: OrderId,
    *,
    reason: _Note = None,
    command_id: CommandId = None,
    wait: WaitFor = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Stop an order before its charge has begun."""
    _send(operations.CANCEL, order, command_id, {"reason": reason}, wait, url, as_json=as_json)


def update_address(
    context: typer.Context,
    order: OrderId,
    *,
    street: Street = None,
    city: City = None,
    region: Region = None,
    postal_code: PostalCode = None,
    country: Country = None,
    command_id: CommandId = None,
    wait: WaitFor = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Send an order elsewhere, until its shipping starts.

    The new address is the whole of it: what is left out is empty.
    """
    address = address_from_options(context.params)
    if not address:
        raise typer.BadParameter("an address needs --street and --city")
    content = {"address": address}
    _send(operations.UPDATE_ADDRESS, order, command_id, content, wait, url, as_json=as_json)


def cancel_payment(
    order: OrderId,
    *,
    reason: _Note = None,
    command_id: CommandId = None,
    wait: WaitFor = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Void or refund an order's payment, and with it stop the order, until the carrier has it."""
    content = {"reason": reason}
    _send(operations.CANCEL_PAYMENT, order, command_id, content, wait, url, as_json=as_json)


def confirm_delivery(
    order: OrderId,
    *,
    command_id: CommandId = None,
    wait: WaitFor = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Say that the customer has it, where the order's policy waits for that."""
    _send(operations.CONFIRM_DELIVERY, order, command_id, {}, wait, url, as_json=as_json)


def _send(  # ruff: ignore[too-many-positional-arguments] - what all five have
    document: str,
    order_id: str,
    command_id: str | None,
    given: dict[str, Any],
    wait: float | None,
    url: str | None,
    *,
    as_json: bool,
) -> NoReturn:
    content = {
        "orderId": order_id,
        "commandId": command_id or str(uuid4()),
        **{name: value for name, value in given.items() if value is not None},
    }

    async def work(session: Session) -> Exit:
        result = await _verdict(session, document, content, wait)
        code = session.report(result, lambda: _tell(session, result))
        if result["__typename"] == "CommandPending" and wait is not None:
            session.out.error(f"No worker has acted on it within {wait:g} seconds.")
            return Exit.TIME_UP
        return code

    talk(work, url=url, as_json=as_json)


async def _verdict(
    session: Session, document: str, content: dict[str, Any], wait: float | None
) -> dict[str, Any]:
    try:
        result = await session.send(document, content)
    except RequestFailed as failure:
        if failure.passing:
            session.out.warn(
                "Whether it was done is not known. The same again with"
                f" --command-id {content['commandId']} is safe: it is done once."
            )
        raise
    if result["__typename"] != "CommandPending" or wait is None:
        return result
    try:
        async with asyncio.timeout(wait):
            return await _verdict_later(session, content)
    except TimeoutError:
        return result


async def _verdict_later(session: Session, content: dict[str, Any]) -> dict[str, Any]:
    """Ask until the workflow has judged a command that Temporal has stored."""
    asked = {name: content[name] for name in ("orderId", "commandId")}
    while True:
        try:
            [verdict] = (await session.api.ask(operations.COMMAND, asked)).data.values()
        except RequestFailed as failure:
            if not failure.passing:  # without a worker nobody can tell
                raise
            verdict = None
        if verdict is not None and verdict["__typename"] != "CommandPending":
            found: dict[str, Any] = verdict
            return found
        await asyncio.sleep(_PACE)


def _tell(session: Session, result: dict[str, Any]) -> None:
    command, command_id = result["command"], result["commandId"]
    if result["__typename"] == "CommandPending":
        session.out.say(
            f"{command} is pending: it is stored, and done as soon as a worker is there"
            f" (command {command_id})."
        )
    else:
        before = ", as it had been before" if result["replayed"] else ""
        session.out.say(f"{command} is applied{before} (command {command_id}).")
    if result["order"]:
        tell_order(session.out, result["order"])
