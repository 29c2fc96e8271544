"""Which access tokens are accepted, without an issuer on the network."""

from __future__ import annotations

import math
from time import time
from typing import TYPE_CHECKING, Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from gql.access.access_tokens import TokenIssuer
from gql.access.bearer import bearer_token
from gql.access.development_tokens import DevelopmentKey, development_issuer, development_token
from gql.access.principal import Principal, PrincipalKind, Scope, Unauthenticated
from tests.support.issuer import AUDIENCE, Issuer

if TYPE_CHECKING:
    from pathlib import Path

    from joserfc.jwk import Key

RSA = RSAKey.generate_key(2048, {"kid": "rsa"})


class StoredKeys:
    def __init__(self, *keys: Key) -> None:
        self._keys = {key.kid: key for key in keys}

    async def find(self, key_id: str | None) -> Key | None:
        return self._keys.get(key_id)


async def verified(issuer: Issuer, token: str) -> Principal:
    keys = StoredKeys(issuer.key, RSA)
    return await TokenIssuer(issuer.url, AUDIENCE, "customer_id", keys).verify(token)


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        ({}, {"orders:read"}),
        ({"scope": "openid orders:read customers:read"}, {"orders:read", "customers:read"}),
        ({"scope": None, "scp": ["orders:start", 1]}, {"orders:start"}),
        ({"scope": None, "permissions": ["payments:reverse"]}, {"payments:reverse"}),
        ({"scope": None}, set()),
        ({"scope": {"orders:read": True}}, set()),
        ({"aud": ["https://other.example", AUDIENCE]}, {"orders:read"}),
        ({"nbf": int(time()) - 10}, {"orders:read"}),
        ({"nbf": 0}, {"orders:read"}),
    ],
)
async def test_the_principal_has_the_subject_and_the_scopes_of_the_token(
    claims: dict[str, Any], scopes: set[str]
) -> None:
    issuer = Issuer()
    principal = await verified(issuer, issuer.token(**claims))

    assert (principal.id, principal.kind) == ("ada", PrincipalKind.USER)
    assert principal.scopes == scopes
    assert principal.expires_at is not None


async def test_an_rsa_signature_is_accepted() -> None:
    issuer = Issuer()
    assert (await verified(issuer, issuer.token(RSA, "RS256"))).id == "ada"
    assert (await verified(issuer, issuer.token(RSA, "PS256"))).id == "ada"


async def test_the_scope_orders_own_limits_the_principal_to_its_customer() -> None:
    issuer = Issuer()
    principal = await verified(issuer, issuer.token(scope="orders:own", customer_id="c-1"))
    assert principal.scopes == {Scope.ORDERS_OWN}
    assert principal.customer_id == "c-1"


async def test_the_token_of_a_customer_has_no_scope_that_covers_other_customers() -> None:
    issuer = Issuer()
    token = issuer.token(scope="orders:own orders:read payments:reverse", customer_id="c-1")
    assert (await verified(issuer, token)).scopes == {Scope.ORDERS_OWN, Scope.PAYMENTS_REVERSE}


@pytest.mark.parametrize(
    ("claims", "message"),
    [
        ({"iss": "https://other.example"}, "another issuer"),
        ({"iss": None}, "another issuer"),
        ({"aud": "https://other.example"}, "another audience"),
        ({"aud": None}, "another audience"),
        ({"aud": {AUDIENCE: 1}}, "another audience"),
        ({"exp": int(time()) - 10}, "expired"),
        ({"exp": None}, "expired"),
        ({"exp": True}, "expired"),
        ({"exp": "9999999999"}, "expired"),
        ({"nbf": int(time()) + 24 * 3600}, "not valid yet"),
        ({"nbf": "now"}, "not valid yet"),
        ({"sub": None}, "no subject"),
        ({"sub": ""}, "no subject"),
        ({"sub": "x" * 300}, "no subject"),
        ({"scope": "orders:own"}, "no claim customer_id"),
        ({"scope": "orders:own", "customer_id": 1}, "no claim customer_id"),
    ],
)
async def test_a_token_with_wrong_claims_is_rejected(claims: dict[str, Any], message: str) -> None:
    issuer = Issuer()
    with pytest.raises(Unauthenticated, match=message):
        await verified(issuer, issuer.token(**claims))


async def test_a_token_that_claims_to_expire_never_is_rejected() -> None:
    issuer = Issuer()
    for never in (math.nan, math.inf):
        with pytest.raises(Unauthenticated):
            await verified(issuer, issuer.token(exp=never))


async def test_a_token_whose_signature_proves_nothing_is_rejected() -> None:
    issuer = Issuer()
    head, claims, signature = issuer.token().split(".")
    other_claims = issuer.token(sub="grace").split(".")[1]
    other = Issuer()
    forged = other.token(Issuer.new_key("key-1"), iss=issuer.url)
    for token, message in {
        issuer.unsigned_token(): "not allowed",
        issuer.token_signed_with_the_public_key(RSA): "not allowed",
        issuer.token(ECKey.generate_key("P-256", {"kid": "unknown"})): "does not have",
        forged: "not valid",
        f"{head}.{claims}.": "not valid",
        f"{head}.{claims}.{signature[:-4]}AAAA": "not valid",
        f"{head}.{other_claims}.{signature}": "not valid",
        f"{head}.{claims}": "malformed",
        "x": "malformed",
        "a.b.c": "malformed",
        "W10.W10.W10": "malformed",
    }.items():
        with pytest.raises(Unauthenticated, match=message):
            await verified(issuer, token)


def test_a_bearer_token_is_read_from_one_header() -> None:
    assert bearer_token([]) is None
    assert bearer_token(["Bearer abc.def-_~+/="]) == "abc.def-_~+/="
    assert bearer_token(["bearer abc"]) == "abc"


@pytest.mark.parametrize(
    "values",
    [
        ["Bearer a", "Bearer a"],
        ["Bearer a, Bearer b"],
        ["Bearer "],
        [""],
        ["Basic dXNlcjpwYXNz"],
        ["Bearer a b"],
        ["Bearer é"],
        ["Bearer " + "a" * 100_000],
    ],
    ids=lambda values: values[0][:20],
)
def test_other_authorization_headers_are_rejected(values: list[str]) -> None:
    with pytest.raises(Unauthenticated):
        bearer_token(values)


async def test_a_token_for_development_is_valid_as_long_as_its_key_file_exists(
    tmp_path: Path,
) -> None:
    file = tmp_path / "keys" / "development-key.json"
    key = DevelopmentKey(file)
    token = development_token(
        key.read_or_create(),
        subject="tester",
        scopes={Scope.ORDERS_OWN},
        customer_claim="customer",
        customer_id="c-1",
        seconds=60,
    )
    assert file.stat().st_mode & 0o777 == 0o600
    assert key.read_or_create().kid == key.read_or_create().kid

    principal = await development_issuer("customer", key).verify(token)
    assert (principal.id, principal.customer_id) == ("tester", "c-1")

    file.unlink()
    with pytest.raises(Unauthenticated):
        await development_issuer("customer", key).verify(token)
