"""``orders customer``: create, update, show, list and delete customers."""

# ruff: file-ignore[too-many-arguments] - an argument is an option

from typing import Annotated, Any, TypeAlias
from uuid import uuid4

import typer

from cli.client import operations
from cli.client.exit_codes import ExitCode
from cli.client.formatting import local_time
from cli.client.options import All, Count, CustomerId, Limit, new_id
from cli.client.paging import Listing, show_count, show_list
from cli.client.session import Session

_HEADINGS = ("Customer", "Created", "Phone", "Email", "Name")

_Phone: TypeAlias = Annotated[
    str | None, typer.Option(help="At most 40 characters.", show_default=False)
]


async def create(
    session: Session,
    *,
    name: Annotated[str, typer.Option(help="At most 200 characters.")],
    email: Annotated[str, typer.Option(help="Unique among customers, ignoring case.")],
    phone: _Phone = None,
    customer_id: Annotated[str | None, new_id("--id")] = None,
) -> ExitCode:
    """Create a customer. Repeating this with the same --id is safe."""
    content = {
        "id": customer_id or f"customer-{uuid4()}",
        "name": name,
        "email": email,
        "phone": phone,
    }
    return await _save(session, operations.CREATE_CUSTOMER, content)


async def update(
    session: Session,
    customer_id: CustomerId,
    *,
    name: Annotated[str | None, typer.Option(show_default=False)] = None,
    email: Annotated[str | None, typer.Option(show_default=False)] = None,
    phone: _Phone = None,
    no_phone: Annotated[bool, typer.Option("--no-phone", help="Remove the phone number.")] = False,
) -> ExitCode:
    """Change the given details of a customer. Omitted ones stay as they are."""
    if no_phone and phone is not None:
        raise typer.BadParameter("--phone and --no-phone contradict each other")
    changes = {"name": name, "email": email, "phone": phone}
    content: dict[str, Any] = {key: value for key, value in changes.items() if value is not None}
    if no_phone:
        content["phone"] = None
    return await _save(session, operations.UPDATE_CUSTOMER, {"id": customer_id, **content})


async def show(session: Session, customer_id: CustomerId) -> ExitCode:
    """Show a customer."""
    found = await session.query(operations.CUSTOMER, id=customer_id)
    if found is None:
        return session.not_found("Customer", customer_id)
    session.out.show(found, lambda: _render(session, found))
    return ExitCode.SUCCESS


async def list_customers(
    session: Session,
    *,
    search: Annotated[
        str | None,
        typer.Option(help="Part of the name or email, ignoring case.", show_default=False),
    ] = None,
    limit: Limit = 20,
    everything: All = False,
    count: Count = False,
) -> ExitCode:
    """List customers. With --all --json, one JSON object per line."""
    if count:
        return await show_count(session, operations.CUSTOMER_COUNT, {"search": search})
    listing = Listing(operations.CUSTOMERS, _HEADINGS, _row)
    await show_list(session, listing, None if everything else limit, {"search": search})
    return ExitCode.SUCCESS


async def delete(session: Session, customer_id: CustomerId) -> ExitCode:
    """Delete a customer who has no orders."""
    result = await session.mutate(operations.DELETE_CUSTOMER, {"id": customer_id})
    return session.report(result, lambda: session.out.write(f"Customer {customer_id} was deleted."))


async def _save(session: Session, document: str, content: dict[str, Any]) -> ExitCode:
    result = await session.mutate(document, content)
    return session.report(result, lambda: _render(session, result["customer"]))


def _render(session: Session, customer: dict[str, Any]) -> None:
    session.out.fields({
        "Customer": customer["id"],
        "Name": customer["name"],
        "Email": customer["email"],
        "Phone": customer["phone"],
        "Created": local_time(customer["createdAt"]),
        "Updated": local_time(customer["updatedAt"]),
    })


def _row(customer: dict[str, Any]) -> tuple[str, ...]:
    return (
        customer["id"],
        local_time(customer["createdAt"]),
        customer["phone"] or "",
        customer["email"],
        customer["name"],
    )
