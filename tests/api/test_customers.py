"""Customers are created, changed, deleted, read and searched."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import pytest_asyncio

from tests.support import operations

if TYPE_CHECKING:
    from tests.support.api_client import ApiClient

Json = dict[str, Any]


@pytest_asyncio.fixture
async def ada(api: ApiClient) -> Json:
    """A customer without orders."""
    mark = uuid4().hex
    given = {"id": f"Ada-{mark}", "name": "Ada", "email": f"Ada+{mark}@example.com", "phone": "1"}
    saved = await api.field(operations.CREATE_CUSTOMER, input=given)
    customer: Json = saved["customer"]
    return customer


async def update(api: ApiClient, **given: object) -> Json:
    answer: Json = await api.field(operations.UPDATE_CUSTOMER, input=given)
    return answer


async def delete(api: ApiClient, customer_id: str) -> Json:
    answer: Json = await api.field(operations.DELETE_CUSTOMER, input={"id": customer_id})
    return answer


async def test_a_repeated_creation_returns_the_same_customer(api: ApiClient) -> None:
    suffix = uuid4().hex
    given = {"id": f"Eve-{suffix}", "name": "Eve", "email": f"eve+{suffix}@example.com"}

    async def create(**changes: object) -> Json:
        created: Json = await api.field(operations.CREATE_CUSTOMER, input={**given, **changes})
        return created

    first = await create()
    assert first["customer"]["phone"] is None
    assert await create() == first
    conflict = await create(name="Mallory")
    assert conflict["__typename"] == "CustomerConflict"
    assert given["id"] in conflict["message"]
    taken = await create(id=f"other-{suffix}", email=given["email"].upper())
    assert (taken["__typename"], taken["email"]) == ("EmailTaken", given["email"].upper())
    wrong = await create(id="a b", name=" ", email="eve", phone="\x00")
    assert [field["path"] for field in wrong["fields"]] == [["id"], ["name"], ["phone"], ["email"]]


async def test_an_update_keeps_omitted_fields_and_removes_a_null_phone(
    api: ApiClient, ada: Json
) -> None:
    named = (await update(api, id=ada["id"], name="Countess"))["customer"]
    silent = (await update(api, id=ada["id"], phone=None))["customer"]
    assert named == {**ada, "name": "Countess", "updatedAt": named["updatedAt"]}
    assert silent == {**named, "phone": None, "updatedAt": silent["updatedAt"]}
    assert ada["updatedAt"] < named["updatedAt"] < silent["updatedAt"]
    assert await update(api, id=ada["id"]) == await update(api, id=ada["id"], phone=None)
    found = await api.field("query ($id: ID!) { customer(id: $id) { updatedAt } }", id=ada["id"])
    assert found == {"updatedAt": silent["updatedAt"]}


async def test_concurrent_updates_of_different_fields_are_all_kept(
    api: ApiClient, ada: Json
) -> None:
    email = f"new+{uuid4().hex}@example.com"
    changes: list[Json] = [{"name": "Countess"}, {"email": email}, {"phone": None}]
    answers = await asyncio.gather(*(update(api, id=ada["id"], **one) for one in changes))
    assert [answer["__typename"] for answer in answers] == ["CustomerSaved"] * 3
    now = (await update(api, id=ada["id"]))["customer"]
    assert (now["name"], now["email"], now["phone"]) == ("Countess", email, None)


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"name": None}, [("REQUIRED", ["name"])]),
        ({"name": " ", "phone": "0" * 41}, [("BLANK", ["name"]), ("TOO_LONG", ["phone"])]),
        ({"email": None, "name": None}, [("REQUIRED", ["name"]), ("REQUIRED", ["email"])]),
        ({"email": "ada"}, [("MALFORMED", ["email"])]),
        ({"email": ""}, [("BLANK", ["email"])]),
        ({"phone": "\x00"}, [("MALFORMED", ["phone"])]),
        ({"id": "\x00", "name": None}, [("MALFORMED", ["id"]), ("REQUIRED", ["name"])]),
    ],
)
async def test_an_invalid_update_changes_nothing(
    api: ApiClient, ada: Json, changes: Json, problems: list[tuple[str, list[str]]]
) -> None:
    refused = await update(api, **{"id": ada["id"], **changes})
    assert refused["__typename"] == "InvalidInput"
    assert [(field["code"], field["path"]) for field in refused["fields"]] == problems
    assert (await update(api, id=ada["id"]))["customer"] == ada


async def test_the_email_of_another_customer_is_refused(api: ApiClient, ada: Json) -> None:
    eve = await api.field(
        operations.CREATE_CUSTOMER, input={"name": "Eve", "email": f"{uuid4().hex}@example.com"}
    )
    email = ada["email"].upper()
    taken = await update(api, id=eve["customer"]["id"], email=email, name="Ada")
    assert (taken["__typename"], taken["email"]) == ("EmailTaken", email)
    own = await update(api, id=ada["id"], email=email)
    assert own["customer"]["email"] == email


async def test_changing_or_deleting_an_unknown_customer_reports_that_it_is_not_found(
    api: ApiClient,
) -> None:
    for answer in (
        await update(api, id="nobody", name="Ada"),
        await delete(api, "nobody"),
    ):
        assert (answer["__typename"], answer["customerId"]) == ("CustomerNotFound", "nobody")
    assert (await delete(api, "\x00"))["__typename"] == "CustomerNotFound"


async def test_a_customer_without_orders_is_deleted(api: ApiClient, ada: Json) -> None:
    deleted = await delete(api, ada["id"])
    assert deleted == {"__typename": "CustomerDeleted", "customerId": ada["id"]}
    assert (await delete(api, ada["id"]))["__typename"] == "CustomerNotFound"
    assert (await update(api, id=ada["id"], name="Ada"))["__typename"] == "CustomerNotFound"
    assert (await api.field(operations.CUSTOMERS, search=ada["email"]))["nodes"] == []


async def test_a_customer_with_orders_is_not_deleted(api: ApiClient, new_order: Json) -> None:
    await api.start(new_order)
    await api.reaches(new_order["id"], "AWAITING_APPROVAL")
    refused = await delete(api, new_order["customerId"])
    assert refused["__typename"] == "CustomerHasOrders"
    assert refused["customerId"] == new_order["customerId"]
    assert (await api.order(new_order["id"]))["customer"]["id"] == new_order["customerId"]


async def test_a_concurrent_start_and_customer_deletion_end_consistently(
    api: ApiClient, ada: Json, new_order: Json
) -> None:
    given = {**new_order, "customerId": ada["id"], "policy": {"reviewMode": "NONE"}}
    started, deleted = await asyncio.gather(api.start(given), delete(api, ada["id"]))
    if started["__typename"] == "CustomerNotFound":
        assert deleted["__typename"] == "CustomerDeleted"
        return
    order = await api.reaches(given["id"], "COMPLETED", "FAILED")
    if deleted["__typename"] == "CustomerHasOrders":
        assert (order["state"], order["customer"]["id"]) == ("COMPLETED", ada["id"])
    else:
        assert (order["state"], order["failure"]["code"]) == ("FAILED", "INVALID")
        assert order["customer"] is None


async def test_each_mutation_of_an_operation_returns_what_it_wrote(
    api: ApiClient, ada: Json
) -> None:
    both = await api.data(
        """mutation ($id: ID!) {
          first: updateCustomer(input: {id: $id, name: "One"}) { ...Name }
          second: updateCustomer(input: {id: $id, name: "Two"}) { ...Name }
        }
        fragment Name on UpdateCustomerResult { ... on CustomerSaved { customer { name } } }""",
        id=ada["id"],
    )
    assert [both[name]["customer"]["name"] for name in ("first", "second")] == ["One", "Two"]


async def test_customers_are_found_by_part_of_their_name_or_email_in_pages(
    api: ApiClient,
) -> None:
    mark = uuid4().hex
    names = [f"Zoë {mark}", "100% Cotton", "Snake_case", "O'Hara\\"]
    created = [
        (
            await api.field(
                operations.CREATE_CUSTOMER,
                input={"name": name, "email": f"{number}.{mark}@Example.com"},
            )
        )["customer"]["id"]
        for number, name in enumerate(names)
    ]

    passed: list[str] = []
    page: Json = {"pageInfo": {"hasNextPage": True, "endCursor": None}}
    while page["pageInfo"]["hasNextPage"]:
        after = page["pageInfo"]["endCursor"]
        page = await api.field(operations.CUSTOMERS, search=mark.upper(), first=3, after=after)
        assert page["totalCount"] == 4
        assert page["pageInfo"]["hasPreviousPage"] is bool(passed)
        assert [edge["node"]["id"] for edge in page["edges"]] == [n["id"] for n in page["nodes"]]
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
        passed += [node["id"] for node in page["nodes"]]
    assert passed == created[::-1]

    for search, found in (
        (f"zOË {mark}", [0]),
        (f"2.{mark}@EXAMPLE", [2]),
        (f"%{mark}", []),
        (f"_{mark}", []),
        ("0% cot", [1]),
        ("e_c", [2]),
        ("hara\\", [3]),
    ):
        page = await api.field(operations.CUSTOMERS, search=search, first=100)
        ids = [node["id"] for node in page["nodes"]]
        assert [n for n, one in enumerate(created) if one in ids] == found, search


async def test_an_empty_search_finds_all_customers(api: ApiClient, ada: Json) -> None:
    for search in (None, "", "\n"):
        page = await api.field(operations.CUSTOMERS, search=search, first=1)
        assert page["nodes"] == [{"id": ada["id"], "name": "Ada"}]
        assert page["totalCount"] > 1


@pytest.mark.parametrize(
    "arguments",
    ["first: 0", "first: 101", 'after: "x"', 'after: "bnVsbA"', 'search: "\\u0000"'],
)
async def test_a_customer_list_with_invalid_arguments_is_refused(
    api: ApiClient, arguments: str
) -> None:
    answer = await api.send(f"{{ customers({arguments}) {{ nodes {{ id }} }} }}")
    assert answer["data"] == {"customers": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_a_cursor_of_another_list_is_refused_by_the_customer_list(
    api: ApiClient, ada: Json
) -> None:
    page = await api.field(operations.CUSTOMERS, search=ada["email"])
    cursor = page["pageInfo"]["endCursor"]
    answer = await api.send(operations.ORDERS, after=cursor)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
