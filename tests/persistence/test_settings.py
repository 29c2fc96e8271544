from __future__ import annotations

import logging

import pytest
from pydantic import ValidationError

from persistence.settings import PersistenceSettings

NAMES = [name.upper() for name in PersistenceSettings.model_fields]


pytestmark = pytest.mark.usefixtures("empty_environment")


@pytest.fixture
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def read_settings(monkeypatch: pytest.MonkeyPatch, **environment: str) -> PersistenceSettings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return PersistenceSettings()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://ada:pw@db:5433/shop", "postgresql+asyncpg://ada:pw@db:5433/shop"),
        ("postgres://ada:pw@db/shop", "postgresql+asyncpg://ada:pw@db/shop"),
        ("postgresql+asyncpg://ada:pw@db/shop", "postgresql+asyncpg://ada:pw@db/shop"),
        (
            "postgresql://ada:@/shop?host=/run/pg",
            "postgresql+asyncpg://ada:@/shop?host=%2Frun%2Fpg",
        ),
        (
            "postgresql://ada:pw@db/shop?sslmode=require",
            "postgresql+asyncpg://ada:pw@db/shop?ssl=require",
        ),
    ],
)
def test_common_forms_of_a_database_url_are_accepted(
    monkeypatch: pytest.MonkeyPatch, url: str, expected: str
) -> None:
    parsed = read_settings(monkeypatch, DATABASE_URL=url).url

    assert parsed.render_as_string(hide_password=False) == expected


@pytest.mark.parametrize("driver", ["psycopg2", "psycopg"])
def test_a_url_with_another_driver_is_refused_with_the_right_beginning(
    monkeypatch: pytest.MonkeyPatch, driver: str
) -> None:
    with pytest.raises(ValidationError, match="must begin with postgresql:// and name no driver"):
        read_settings(monkeypatch, DATABASE_URL=f"postgresql+{driver}://ada:pw@db/shop")


def test_without_a_url_the_address_is_built_from_the_separate_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parts = {"DB_USER": "ada", "DB_PASSWORD": "p@ss/word", "DB_PORT": "5433", "DB_NAME": "shop"}

    tcp = read_settings(monkeypatch, **parts, DB_HOST="db").url
    socket = read_settings(monkeypatch, **parts, DB_HOST="/run/pg", DATABASE_URL="").url

    assert tcp.render_as_string(hide_password=False) == (
        "postgresql+asyncpg://ada:p%40ss%2Fword@db:5433/shop"
    )
    assert (socket.host, socket.query["host"]) == (None, "/run/pg")


def test_an_empty_setting_is_treated_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    defaults = PersistenceSettings()

    assert read_settings(monkeypatch, **dict.fromkeys(NAMES, "")) == defaults


def test_all_invalid_settings_are_reported_together(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError) as refused:
        read_settings(
            monkeypatch, DB_PORT="70000", ENVIRONMENT="staging", DATABASE_URL="mysql://db/shop"
        )

    assert {error["loc"][0] for error in refused.value.errors()} == {
        "db_port",
        "environment",
        "database_url",
    }


@pytest.mark.parametrize(
    "url",
    [
        "mysql://ada:s3cret@db/shop",
        "s3cret",
        "postgresql://ada:s3cret@db:s3cret/shop",
        "postgresql://ada:s3cret@db/shop?passfile=x",
    ],
)
def test_the_error_for_an_invalid_url_does_not_quote_it(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    with pytest.raises(ValidationError, match="DATABASE_URL") as refused:
        read_settings(monkeypatch, DATABASE_URL=url)

    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("environment", "fault"),
    [
        ({}, "DB_PASSWORD has a well-known database password"),
        ({"DB_PASSWORD": "orders"}, "DB_PASSWORD has a well-known database password"),
        ({"DATABASE_URL": "postgresql://ada@db/shop"}, "DATABASE_URL has no database password"),
        (
            {"DATABASE_URL": "postgresql://ada:orders@db/shop"},
            "DATABASE_URL has a well-known database password",
        ),
    ],
)
def test_a_missing_or_well_known_password_is_a_warning_and_an_error_in_production(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    environment: dict[str, str],
    fault: str,
) -> None:
    with caplog.at_level(logging.WARNING):
        read_settings(monkeypatch, **environment)
    assert fault in caplog.text

    with pytest.raises(ValidationError, match=f"{fault}. Set a private one"):
        read_settings(monkeypatch, **environment, ENVIRONMENT="production")


def test_production_accepts_a_private_password(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    read_settings(monkeypatch, ENVIRONMENT="production", DB_PASSWORD="s3cret")  # ruff: ignore[hardcoded-password-func-arg]  # not a real one
    read_settings(monkeypatch, DATABASE_URL="postgresql://ada:s3cret@db/shop", DB_PASSWORD="")

    assert not caplog.text


def test_no_representation_of_the_settings_contains_a_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    passwords = {"DATABASE_URL": "postgresql://ada:s3cret@db/shop", "DB_PASSWORD": "s3"}
    settings = read_settings(monkeypatch, **passwords)

    for form in (repr(settings), str(settings), repr(settings.url), settings.model_dump_json()):
        assert "s3" not in form
