"""Commands that change a running order. Each reports whether the workflow applied it."""

# ruff: file-ignore[too-many-arguments] - an argument is an option

import asyncio
from typing import Annotated, Any, TypeAlias
from uuid import uuid4

import typer

from cli.client import operations
from cli.client.exit_codes import ExitCode
from cli.client.failures import RequestFailed
from cli.client.options import (
    City,
    CommandId,
    Country,
    OrderId,
    PostalCode,
    Region,
    Street,
    WaitFor,
)
from cli.client.order_input import (
    ADDRESS_OPTIONS,
    address_from_file,
    address_from_options,
)
from cli.client.order_rendering import render_summary
from cli.client.session import Session

_POLL_INTERVAL = 0.3  # seconds

_Note: TypeAlias = Annotated[
    str | None, typer.Option(help="Recorded with the order's event.", show_default=False)
]

_Reason: TypeAlias = Annotated[
    str, typer.Option(help="Why: the order's failure message, and recorded with its event.")
]

_AddressFile: TypeAlias = Annotated[
    typer.FileBinaryRead | None,
    typer.Option(
        metavar="FILE",
        help="Read the address as a JSON AddressInput instead of from options; - for stdin.",
        show_default=False,
    ),
]


async def approve(
    session: Session,
    order: OrderId,
    *,
    note: _Note = None,
    command_id: CommandId = None,
    wait: WaitFor = None,
) -> ExitCode:
    """Approve an order that is in MANUAL review. It is then charged and shipped."""
    return await _send(session, operations.APPROVE, order, command_id, wait, note=note)


async def reject(
    session: Session,
    order: OrderId,
    *,
    reason: _Reason,
    command_id: CommandId = None,
    wait: WaitFor = None,
) -> ExitCode:
    """Reject an order that is in MANUAL review. It is never charged, and ends as CANCELLED."""
    return await _send(session, operations.REJECT, order, command_id, wait, reason=reason)


async def cancel(
    session: Session,
    order: OrderId,
    *,
    reason: _Note = None,
    command_id: CommandId = None,
    wait: WaitFor = None,
) -> ExitCode:
    """Cancel an order whose charge has not begun."""
    return await _send(session, operations.CANCEL, order, command_id, wait, reason=reason)


async def update_address(
    session: Session,
    context: typer.Context,
    order: OrderId,
    *,
    street: Street = None,  # ruff: ignore[unused-function-argument] - the address is read from the context
    city: City = None,  # ruff: ignore[unused-function-argument]
    region: Region = None,  # ruff: ignore[unused-function-argument]
    postal_code: PostalCode = None,  # ruff: ignore[unused-function-argument]
    country: Country = None,  # ruff: ignore[unused-function-argument]
    file: _AddressFile = None,
    command_id: CommandId = None,
    wait: WaitFor = None,
) -> ExitCode:
    """Replace the shipping address of an order whose shipping has not started.

    Parts that you omit are not kept from the old address.
    """
    if file:
        address = address_from_file(file, context.params)
    else:
        address = address_from_options(context.params)
    if not address:
        raise typer.BadParameter(f"an address needs {ADDRESS_OPTIONS}, or a --file")
    return await _send(session, operations.UPDATE_ADDRESS, order, command_id, wait, address=address)


async def cancel_payment(
    session: Session,
    order: OrderId,
    *,
    reason: _Note = None,
    command_id: CommandId = None,
    wait: WaitFor = None,
) -> ExitCode:
    """Void or refund the payment and cancel the order, until the carrier has the package."""
    return await _send(session, operations.CANCEL_PAYMENT, order, command_id, wait, reason=reason)


async def confirm_delivery(
    session: Session, order: OrderId, *, command_id: CommandId = None, wait: WaitFor = None
) -> ExitCode:
    """Confirm the delivery of an order, if its policy waits for this confirmation."""
    return await _send(session, operations.CONFIRM_DELIVERY, order, command_id, wait)


async def _send(
    session: Session,
    document: str,
    order_id: str,
    command_id: str | None,
    wait: float | None,
    **content: object,
) -> ExitCode:
    identity = {"orderId": order_id, "commandId": command_id or str(uuid4())}
    content = {name: value for name, value in content.items() if value is not None}
    try:
        result = await session.mutate(document, identity | content)
    except RequestFailed as failure:
        if failure.retryable:
            session.out.warn(
                "The command may or may not have been stored. Retry with"
                f" --command-id {identity['commandId']}; it is applied at most once."
            )
        raise
    if result["__typename"] == "CommandPending" and wait is not None:
        result = await _await_verdict(session, identity, wait) or result
    code = session.report(result, lambda: _render(session, result))
    if result["__typename"] == "CommandPending" and wait is not None:
        session.out.error(f"No worker processed the command within {wait:g} seconds.")
        return ExitCode.TIMED_OUT
    return code


async def _await_verdict(
    session: Session, identity: dict[str, str], seconds: float
) -> dict[str, Any] | None:
    """Poll until the workflow has processed a stored command; return None if time runs out."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                result = await _poll(session, identity)
                if result is not None and result["__typename"] != "CommandPending":
                    return result
                await asyncio.sleep(_POLL_INTERVAL)
    except TimeoutError:
        return None


async def _poll(session: Session, identity: dict[str, str]) -> dict[str, Any] | None:
    try:
        partial = await session.api.execute_partial(operations.COMMAND, identity)
    except RequestFailed as failure:
        if failure.retryable:  # the workflow cannot be queried without a worker
            return None
        raise
    [result] = partial.data.values()
    verdict: dict[str, Any] | None = result
    return verdict


def _render(session: Session, result: dict[str, Any]) -> None:
    command, command_id = result["command"], result["commandId"]
    if result["__typename"] == "CommandPending":
        session.out.write(
            f"{command} is pending: it is stored and will be processed when a worker is available"
            f" (command ID {command_id})."
        )
    else:
        outcome = "was already applied" if result["replayed"] else "applied"
        session.out.write(f"{command} {outcome} (command ID {command_id}).")
    if result["order"]:
        render_summary(session.out, result["order"])
