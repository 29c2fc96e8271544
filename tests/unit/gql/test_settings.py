"""Settings of the API: defaults, and errors that are reported together."""

from __future__ import annotations

from functools import partial

import pytest
from pydantic import ValidationError

from gql.access.principal import STAFF_SCOPES
from gql.settings import ApiSettings
from orchestration.domain.order import Policy, ReviewMode

pytestmark = pytest.mark.usefixtures("bare_environment")


@pytest.fixture
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ApiSettings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_the_defaults_make_a_complete_policy() -> None:
    assert Policy(**ApiSettings().default_policy) == Policy(
        review_mode=ReviewMode.MANUAL,
        review_timeout=300,
        deadline=None,
        activity_timeout=10,
        activity_attempts=None,
        activity_retry_delay=1,
        activity_retry_backoff=2,
        shipping_attempts=3,
        shipping_retry_delay=2,
        shipping_retry_backoff=1,
        delivery_timeout=None,
    )


def test_the_environment_overrides_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "REVIEW_MODE": "NONE",
        "REVIEW_TIMEOUT": "none",
        "ORDER_DEADLINE": "P1D",
        "ACTIVITY_ATTEMPTS": "5",
        "ACTIVITY_RETRY_DELAY": "PT0.005S",
        "ACTIVITY_MAX_RETRY_DELAY": "PT0.2S",
        "ACTIVITY_TOTAL_TIMEOUT": "PT4S",
        "SHIPPING_RETRY_DELAY": "PT0.5S",
        "DELIVERY_TIMEOUT": "",
        "ALLOWED_ORIGINS": "https://a.example, https://b.example",
    }.items():
        monkeypatch.setenv(name, value)
    settings = ApiSettings()
    policy = settings.default_policy
    assert (policy["review_mode"], policy["review_timeout"]) == (ReviewMode.NONE, None)
    assert (policy["deadline"], policy["activity_attempts"]) == (86400, 5)
    assert (policy["activity_retry_delay"], policy["activity_max_retry_delay"]) == (0.005, 0.2)
    assert policy["activity_total_timeout"] == 4
    assert (policy["shipping_retry_delay"], policy["delivery_timeout"]) == (0.5, None)
    assert settings.allowed_origins == ["https://a.example", "https://b.example"]


def test_an_empty_setting_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = ApiSettings()
    for name in ApiSettings.model_fields:
        monkeypatch.setenv(name.upper(), "")
    assert ApiSettings() == defaults


def test_all_invalid_settings_are_reported_together(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "REVIEW_MODE": "SOMETIMES",
        "REVIEW_TIMEOUT": "5 minutes",
        "ACTIVITY_ATTEMPTS": "many",
        "SHIPPING_RETRY_DELAY": "none",
        "PORT": "70000",
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as caught:
        ApiSettings()
    assert {str(error["loc"][0]).upper() for error in caught.value.errors()} == set(wrong)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("ORDER_DEADLINE", "P9999W", "ORDER_DEADLINE must be from 1 millisecond"),
        ("ACTIVITY_TIMEOUT", "PT61S", "ACTIVITY_TIMEOUT must be from 1 millisecond to 60 seconds"),
        ("ACTIVITY_TOTAL_TIMEOUT", "P367D", "ACTIVITY_TOTAL_TIMEOUT must be .* to 366 days"),
        ("ACTIVITY_MAX_RETRY_DELAY", "PT2H", "ACTIVITY_MAX_RETRY_DELAY must be .* to 1 hour"),
        ("SHIPPING_ATTEMPTS", "21", "SHIPPING_ATTEMPTS must be from 1 to 20"),
        ("SHIPPING_RETRY_DELAY", "PT2H", "SHIPPING_RETRY_DELAY must be .* to 1 hour"),
        ("ACTIVITY_RETRY_BACKOFF", "0.5", "ACTIVITY_RETRY_BACKOFF must be from 1"),
    ],
)
def test_a_default_policy_that_breaks_a_rule_is_rejected(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, problem: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=problem):
        ApiSettings()


def test_a_timer_review_requires_a_review_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVIEW_MODE", "TIMER")
    monkeypatch.setenv("REVIEW_TIMEOUT", "none")
    with pytest.raises(ValidationError, match="REVIEW_TIMEOUT is required for review mode TIMER"):
        ApiSettings()


@pytest.mark.parametrize(
    ("environment", "playground", "shown"),
    [
        ("development", None, True),
        ("development", "false", False),
        ("production", None, False),
        ("production", "true", True),
    ],
)
def test_the_playground_is_on_in_development_only_unless_set(
    monkeypatch: pytest.MonkeyPatch, environment: str, playground: str | None, shown: bool
) -> None:
    monkeypatch.setenv("ENVIRONMENT", environment)
    if playground is not None:
        monkeypatch.setenv("PLAYGROUND", playground)
    assert ApiSettings().shows_playground is shown


@pytest.mark.parametrize(
    ("environment", "rate", "expected"),
    [
        ("development", "", (None, None)),
        ("development", "5", (5, None)),
        ("production", "", (100_000, 1_000)),
        ("production", "none", (None, 1_000)),
    ],
)
def test_callers_have_limits_in_production_only_unless_set(
    monkeypatch: pytest.MonkeyPatch,
    environment: str,
    rate: str,
    expected: tuple[int | None, int | None],
) -> None:
    monkeypatch.setenv("ENVIRONMENT", environment)
    monkeypatch.setenv("RATE_LIMIT", rate)
    settings = ApiSettings()
    points = settings.rate and settings.rate.points_per_second
    assert (points, settings.streams_per_caller) == expected


def test_a_caller_must_be_able_to_save_up_for_the_largest_operation() -> None:
    with pytest.raises(ValueError, match="RATE_LIMIT_BURST must not be less than MAX_QUERY_COST"):
        ApiSettings(rate_limit=1, rate_limit_burst=10)


def test_the_dashboard_signs_people_in_if_the_issuer_has_a_client_for_it() -> None:
    access = partial(ApiSettings, auth_issuer="https://login.example", auth_audience="orders")
    assert access().sign_in is None
    sign_in = access(auth_client_id="dashboard").sign_in
    assert sign_in is not None
    assert set(sign_in.scopes.split()) == {"openid", "profile", "offline_access"} | STAFF_SCOPES
    chosen = access(auth_client_id="dashboard", auth_client_scopes="openid a:b").sign_in
    assert chosen is not None
    assert chosen.scopes == "openid a:b"
    with pytest.raises(ValidationError, match="AUTH_CLIENT_ID requires AUTH_ISSUER"):
        ApiSettings(auth_client_id="dashboard")


@pytest.mark.parametrize(
    "issuer",
    [
        "login.example",
        "http://login.example",
        "https://me:secret@login.example",
        "https://login.example/?tenant=1",
    ],
)
def test_an_issuer_that_is_no_plain_address_is_refused(issuer: str) -> None:
    with pytest.raises(ValidationError, match="must be"):
        ApiSettings(auth_issuer=issuer, auth_audience="orders")
