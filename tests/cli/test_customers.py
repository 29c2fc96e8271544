"""``orders customer``: create, show, update, list and delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from tests.support.command_line import Command

Json = dict[str, Any]


@pytest.fixture
async def grace(command: Command) -> str:
    """The id of a customer without orders."""
    customer_id = f"grace-{uuid4().hex}"
    created = await command(
        *("customer", "create", "--id", customer_id, "--name", "Grace Hopper"),
        *("--email", f"{customer_id}@example.com", "--phone", "+1 555 0100"),
    )
    assert created.code == 0, created.err
    return customer_id


async def test_a_repeated_create_with_the_same_id_returns_the_same_customer(
    command: Command, grace: str
) -> None:
    details = (
        "--name",
        "Grace Hopper",
        "--email",
        f"{grace}@example.com",
        "--phone",
        "+1 555 0100",
    )
    again = await command("customer", "create", "--id", grace, *details, "--json")
    assert (again.code, again.json["customer"]["id"]) == (0, grace)
    other = await command("customer", "create", "--id", grace, *details[:4])
    assert (other.code, other.out) == (5, "")
    taken = await command("customer", "create", *details, "--json")
    assert (taken.code, taken.json["__typename"]) == (5, "EmailTaken")
    made = await command("customer", "create", "--name", "Eve", "--email", f"e{grace}@e.org")
    assert (made.code, made.out.startswith("Customer  customer-")) == (0, True)


async def test_show_prints_a_customer_and_reports_an_unknown_id(
    command: Command, grace: str
) -> None:
    shown = await command("customer", "show", grace)
    assert (shown.code, shown.err) == (0, "")
    assert "Phone     +1 555 0100" in shown.out.splitlines()
    assert (await command("customer", "show", grace, "--json")).json["name"] == "Grace Hopper"
    unknown = await command("customer", "show", "nobody")
    assert (unknown.code, unknown.err) == (4, "Customer nobody was not found.\n")


async def test_an_update_changes_only_the_given_fields(command: Command, grace: str) -> None:
    renamed = await command("customer", "update", grace, "--name", "Rear Adm. Hopper", "--json")
    assert (renamed.code, renamed.json["customer"]["phone"]) == (0, "+1 555 0100")
    without = await command("customer", "update", grace, "--no-phone", "--json")
    assert (without.code, without.json["customer"]["phone"]) == (0, None)
    assert without.json["customer"]["name"] == "Rear Adm. Hopper"
    wrong = await command("customer", "update", grace, "--email", "hopper")
    assert (wrong.code, "email" in wrong.err) == (5, True)
    unknown = await command("customer", "update", "nobody", "--name", "N")
    assert unknown.code == 4


async def test_customers_are_listed_and_searched(command: Command, grace: str) -> None:
    found = await command("customer", "list", "--search", grace)
    header, row = found.out.splitlines()
    assert header.split() == ["Customer", "Created", "Phone", "Email", "Name"]
    assert row.split()[0] == grace
    assert [one["id"] for one in (await command("customer", "list", "--all", "--json")).lines]
    [one] = (await command("customer", "list", "--search", grace, "--json")).json
    assert one["email"] == f"{grace}@example.com"


async def test_a_customer_with_orders_is_not_deleted(
    command: Command, grace: str, customer_id: str, new_order: Json
) -> None:
    await command(
        *("start", "--customer", customer_id, "--item", "CUP:1:1", "--id", new_order["id"]),
        *("--street", "1 Main St", "--city", "Springfield", "--country", "US"),
        *("--currency", "USD"),
    )
    assert (await command("wait", new_order["id"], "--for", "1")).code == 6
    refused = await command("customer", "delete", customer_id, "--json")
    assert (refused.code, refused.json["__typename"]) == (3, "CustomerHasOrders")
    deleted = await command("customer", "delete", grace)
    assert (deleted.code, deleted.out) == (0, f"Customer {grace} was deleted.\n")
    assert (await command("customer", "delete", grace)).code == 4
