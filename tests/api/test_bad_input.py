"""Invalid input is reported with the path of every broken rule and without internal details."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support import operations

if TYPE_CHECKING:
    from tests.support.api_client import ApiClient

Json = dict[str, Any]

ITEM = {"sku": "TEAPOT", "quantity": 1, "unitPrice": "1.00"}
ADDRESS = {"street": "1 Main St", "city": "Springfield", "country": "US"}


def item(**changes: object) -> Json:
    return {"items": [{**ITEM, **changes}]}


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"items": []}, "REQUIRED", ["items"]),
        (item(quantity=0), "OUT_OF_RANGE", ["items", "0", "quantity"]),
        (item(unitPrice="-1.00"), "OUT_OF_RANGE", ["items", "0", "unitPrice"]),
        (item(unitPrice="1.001"), "OUT_OF_RANGE", ["items", "0", "unitPrice"]),
        (item(quantity=2, unitPrice="9999999999999.00"), "OUT_OF_RANGE", ["items"]),
        (item(unitPrice="99999999999999999"), "OUT_OF_RANGE", ["items", "0", "unitPrice"]),
        (
            {"currency": "JPY", **item(unitPrice="1.5")},
            "OUT_OF_RANGE",
            ["items", "0", "unitPrice"],
        ),
        (item(sku=" "), "BLANK", ["items", "0", "sku"]),
        (item(name="Tea\x07pot"), "MALFORMED", ["items", "0", "name"]),
        ({"currency": "XXX"}, "UNKNOWN", ["currency"]),
        ({"shippingAddress": {**ADDRESS, "street": ""}}, "BLANK", ["shippingAddress", "street"]),
        (
            {"shippingAddress": {**ADDRESS, "postalCode": "9" * 21}},
            "TOO_LONG",
            ["shippingAddress", "postalCode"],
        ),
        ({"id": "no spaces"}, "MALFORMED", ["id"]),
        ({"id": "x" * 65}, "MALFORMED", ["id"]),
        ({"id": "order\u0000"}, "MALFORMED", ["id"]),
        ({"customerId": "/etc"}, "MALFORMED", ["customerId"]),
        ({"paymentId": ""}, "MALFORMED", ["paymentId"]),
        ({"policy": {"activityTimeout": "PT0S"}}, "OUT_OF_RANGE", ["policy", "activityTimeout"]),
        ({"policy": {"activityTimeout": None}}, "REQUIRED", ["policy", "activityTimeout"]),
        (
            {"policy": {"reviewMode": "TIMER", "reviewTimeout": None}},
            "REQUIRED",
            ["policy", "reviewTimeout"],
        ),
        (
            {"policy": {"activityMaxRetryDelay": "PT2H"}},
            "OUT_OF_RANGE",
            ["policy", "activityMaxRetryDelay"],
        ),
        (
            {"policy": {"activityTotalTimeout": "P367D"}},
            "OUT_OF_RANGE",
            ["policy", "activityTotalTimeout"],
        ),
        (
            {"policy": {"shippingRetryBackoff": 0.5}},
            "OUT_OF_RANGE",
            ["policy", "shippingRetryBackoff"],
        ),
    ],
)
async def test_a_broken_rule_is_reported_with_its_path_and_no_order_is_started(
    api: ApiClient, new_order: Json, changes: Json, code: str, path: list[str]
) -> None:
    given = {**new_order, **changes}
    answer = await api.start(given)
    assert answer["__typename"] == "InvalidInput"
    assert [(field["code"], field["path"]) for field in answer["fields"]] == [(code, path)]
    assert await api.order(given["id"]) is None


async def test_all_broken_rules_are_reported_together(api: ApiClient, new_order: Json) -> None:
    answer = await api.start({
        **new_order,
        "id": "?",
        "items": [{**ITEM, "quantity": 0}, {**ITEM, "unitPrice": "-2"}],
        "shippingAddress": {"street": "", "city": "Springfield", "country": "us"},
    })
    assert [field["path"] for field in answer["fields"]] == [
        ["id"],
        ["items", "0", "quantity"],
        ["items", "1", "unitPrice"],
        ["shippingAddress", "street"],
        ["shippingAddress", "country"],
    ]


async def test_a_price_in_kuwaiti_dinars_may_have_three_decimals(
    api: ApiClient, new_order: Json
) -> None:
    answer = await api.start({**new_order, "currency": "KWD", **item(unitPrice="1.005")})
    assert answer["order"]["total"] == {"amount": "1.005", "currency": "KWD"}


@pytest.mark.parametrize(
    "changes",
    [
        item(unitPrice="abc"),
        item(unitPrice="NaN"),
        item(unitPrice="Infinity"),
        item(unitPrice="1_000"),
        item(unitPrice="1e999999999"),
        item(unitPrice=1.5),
        item(unitPrice=True),
        item(quantity="two"),
        item(quantity=2**40),
        {"policy": {"activityTimeout": "5 seconds"}},
        {"policy": {"activityTimeout": "P1Y"}},
        {"policy": {"activityTimeout": 5}},
        {"policy": {"shippingAttempts": "many"}},
        {"priority": "SOON"},
        {"items": "none"},
        {"unknown": 1},
    ],
)
async def test_a_value_of_the_wrong_type_is_a_request_error(
    api: ApiClient, new_order: Json, changes: Json
) -> None:
    answer = await api.send(operations.START_ORDER, input={**new_order, **changes})
    assert answer.get("data") is None
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}
    assert "Traceback" not in str(answer)
    assert "gql." not in str(answer)


@pytest.mark.parametrize(
    ("literal", "code"),
    [
        ('total: {from: "abc"}', "BAD_USER_INPUT"),
        ("total: {from: 1.5}", "BAD_USER_INPUT"),
        ('total: {from: "1.50"}', "BAD_USER_INPUT"),
        ('currency: "usd"', "BAD_USER_INPUT"),
        ('sku: "\\u0000"', "BAD_USER_INPUT"),
        ('createdAt: {from: "2026"}', "BAD_USER_INPUT"),
        ('createdAt: {from: "2026-01-01T00:00:00"}', "BAD_USER_INPUT"),
        ('createdAt: {from: "0001-01-01T00:00:00+14:00"}', "BAD_USER_INPUT"),
        ('createdAt: {from: "2026-02-30T00:00:00Z"}', "BAD_USER_INPUT"),
        ('customerName: "\\u0000"', "BAD_USER_INPUT"),
        ("states: [NOWHERE]", "GRAPHQL_VALIDATION_FAILED"),
        ("nothing: 1", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_an_invalid_literal_is_reported_like_an_invalid_variable(
    api: ApiClient, literal: str, code: str
) -> None:
    answer = await api.send(f"{{ orders(filter: {{{literal}}}) {{ nodes {{ id }} }} }}")
    assert answer.get("data") in (None, {"orders": None})
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]


@pytest.mark.parametrize(
    "arguments",
    [
        "first: 0",
        "first: 101",
        "last: 0",
        "first: 1, last: 1",
        'first: 1, before: "x"',
        'after: "x"',
        'after: "bnVsbA"',
        'before: "é"',
        f'after: "{"A" * 5000}"',
    ],
)
async def test_invalid_page_arguments_are_refused(api: ApiClient, arguments: str) -> None:
    answer = await api.send(f"{{ orders({arguments}) {{ nodes {{ id }} }} }}")
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_malformed_ids_match_nothing(api: ApiClient) -> None:
    query = """query ($filter: OrderFilter) { orders(filter: $filter) { totalCount } }"""
    for wanted in ({"ids": ["\x00"]}, {"customerId": "\x00"}):
        assert await api.data(query, filter=wanted) == {"orders": {"totalCount": 0}}
    assert await api.data('{ customer(id: "\\u0000") { id } }') == {"customer": None}


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"commandId": "not an id"}, "MALFORMED", ["commandId"]),
        ({"orderId": "a/b"}, "MALFORMED", ["orderId"]),
        ({"note": "x" * 501}, "TOO_LONG", ["note"]),
        ({"note": "bell\x07"}, "MALFORMED", ["note"]),
    ],
)
async def test_an_invalid_command_is_not_sent(
    api: ApiClient, changes: Json, code: str, path: list[str]
) -> None:
    answer = await api.approve(**{"order_id": "any", **changes})
    assert answer["__typename"] == "InvalidInput"
    assert [(field["code"], field["path"]) for field in answer["fields"]] == [(code, path)]


async def test_a_new_address_is_validated_like_the_first_one(
    api: ApiClient,
) -> None:
    given = {"orderId": "any", "address": {"street": "", "city": "Springfield", "country": "US"}}
    answer = (await api.data(operations.UPDATE_ADDRESS, input=given))["updateAddress"]
    assert [field["path"] for field in answer["fields"]] == [["address", "street"]]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ order(id: ", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ order { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($id: ID!) { order(id: $id) { id } }", "BAD_USER_INPUT"),
    ],
)
async def test_an_invalid_document_is_refused_with_the_code_of_its_error(
    api: ApiClient, query: str, code: str
) -> None:
    answer = await api.send(query)
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
