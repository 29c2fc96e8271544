"""``orders customer``: who orders."""

# ruff: file-ignore[too-many-arguments] - an argument is an option

from typing import Annotated, Any, NoReturn, TypeAlias
from uuid import uuid4

import typer

from cli.client import operations
from cli.client.exit_codes import Exit
from cli.client.formatting import local_time
from cli.client.options import All, AsJson, CustomerId, Limit, Url
from cli.client.paging import Listed, show_list
from cli.client.rendering import no_such
from cli.client.session import Session, talk

customer = typer.Typer(help="Create, show, list, update or delete customers.", no_args_is_help=True)

_HEADINGS = ("Customer", "Created", "Phone", "E-mail", "Name")

_Phone: TypeAlias = Annotated[
    str | None, typer.Option(help="Up to 40 characters.", show_default=False)
]


@customer.command()
def create(
    *,
    name: Annotated[str, typer.Option(help="Up to 200 characters.")],
    email: Annotated[str, typer.Option(help="Unique among customers, letter case aside.")],
    phone: _Phone = None,
    customer_id: Annotated[
        str | None,
        typer.Option(
            "--id",
            help="Yours to choose, so that a retry is safe; made here and printed where left out.",
            show_default=False,
        ),
    ] = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Create a customer; with the same --id it is safe to repeat."""
    made = customer_id or f"customer-{uuid4()}"
    content = {"id": made, "name": name, "email": email, "phone": phone}
    _save(operations.CREATE_CUSTOMER, content, url, as_json=as_json)


@customer.command()
def update(
    customer_id: CustomerId,
    *,
    name: Annotated[str | None, typer.Option(show_default=False)] = None,
    email: Annotated[str | None, typer.Option(show_default=False)] = None,
    phone: _Phone = None,
    no_phone: Annotated[bool, typer.Option("--no-phone", help="Remove it.")] = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Change a customer; what is left out stays as it is."""
    if no_phone and phone is not None:
        raise typer.BadParameter("--phone and --no-phone contradict each other")
    given = {"name": name, "email": email, "phone": phone}
    content: dict[str, Any] = {key: one for key, one in given.items() if one is not None}
    if no_phone:
        content["phone"] = None
    content["id"] = customer_id
    _save(operations.UPDATE_CUSTOMER, content, url, as_json=as_json)


@customer.command()
def show(customer_id: CustomerId, *, url: Url = None, as_json: AsJson = False) -> None:
    """Say who a customer is."""

    async def work(session: Session) -> Exit:
        found = await session.ask(operations.CUSTOMER, id=customer_id)
        if found is None:
            return no_such(session, "customer", customer_id)
        session.out.show(found, lambda: _tell(session, found))
        return Exit.DONE

    talk(work, url=url, as_json=as_json)


@customer.command("list")
def list_customers(
    *,
    search: Annotated[
        str | None, typer.Option(help="What to find customers by.", show_default=False)
    ] = None,
    limit: Limit = 20,
    everything: All = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """List customers. With --all, --json writes a customer a line."""

    async def work(session: Session) -> Exit:
        listed = Listed(operations.CUSTOMERS, _HEADINGS, _row)
        await show_list(session, listed, None if everything else limit, {"search": search})
        return Exit.DONE

    talk(work, url=url, as_json=as_json)


@customer.command()
def delete(customer_id: CustomerId, *, url: Url = None, as_json: AsJson = False) -> None:
    """Delete a customer who has no orders."""

    async def work(session: Session) -> Exit:
        result = await session.send(operations.DELETE_CUSTOMER, {"id": customer_id})
        deleted = f"Customer {customer_id} is deleted."
        return session.report(result, lambda: session.out.say(deleted))

    talk(work, url=url, as_json=as_json)


def _save(document: str, content: dict[str, Any], url: str | None, *, as_json: bool) -> NoReturn:
    async def work(session: Session) -> Exit:
        result = await session.send(document, content)
        return session.report(result, lambda: _tell(session, result["customer"]))

    talk(work, url=url, as_json=as_json)


def _tell(session: Session, found: dict[str, Any]) -> None:
    session.out.facts({
        "Customer": found["id"],
        "Name": found["name"],
        "E-mail": found["email"],
        "Phone": found["phone"],
        "Created": local_time(found["createdAt"]),
        "Changed": local_time(found["updatedAt"]),
    })


def _row(node: dict[str, Any]) -> tuple[str, ...]:
    return (
        node["id"],
        local_time(node["createdAt"]),
        node["phone"] or "",
        node["email"],
        node["name"],
    )
