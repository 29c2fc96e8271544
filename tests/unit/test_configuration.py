"""Wrong settings are all reported, without their values, and .env.example lists every setting."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from cli.client.settings import ClientSettings
from cli.service.configuration import InvalidSettings, load_configuration
from cli.service.former_settings import FORMER_NAMES
from cli.service.settings import ServiceSettings
from gql.settings import ApiSettings
from orchestration.settings import OrchestrationSettings
from persistence.settings import PersistenceSettings

_CLASSES: tuple[type[BaseSettings], ...] = (
    OrchestrationSettings,
    PersistenceSettings,
    ApiSettings,
    ServiceSettings,
    ClientSettings,
)
_NAMES = {name.upper() for settings in _CLASSES for name in settings.model_fields}
_DURATIONS = {
    *("REQUEST_TIMEOUT", "REVIEW_TIMEOUT", "ORDER_DEADLINE", "DELIVERY_TIMEOUT"),
    *("ACTIVITY_TIMEOUT", "ACTIVITY_RETRY_DELAY", "SHIPPING_RETRY_DELAY", "RECONCILE_INTERVAL"),
    *("ACTIVITY_TOTAL_TIMEOUT", "ACTIVITY_MAX_RETRY_DELAY"),
    *("PAYMENT_PROCESSING_DELAY", "SHIPPING_DELAY"),
}
_NUMBERS = {
    name.upper()
    for settings in _CLASSES[:-1]  # the commands that call the API have only an address
    for name, field in settings.model_fields.items()
    if "int" in str(field.annotation) or "float" in str(field.annotation)
}
_EXAMPLE = Path(__file__).parents[2] / ".env.example"
_COMPOSE = Path(__file__).parents[2] / "docker-compose.production.yml"
_COMPOSE_FOR_DEVELOPMENT = Path(__file__).parents[2] / "docker-compose.yml"
_LINE = re.compile(r"# ([A-Z_]+)=(\S*)")

_NOT_IN_COMPOSE = {
    "DATABASE_URL",  # DB_HOST and the others are passed instead
    "TEMPORAL_API_KEY",  # Temporal runs in a container of the same network
    "TEMPORAL_TLS",
    "TEMPORAL_TLS_SERVER_ROOT_CA_CERT",
    "TEMPORAL_TLS_CLIENT_CERT",
    "TEMPORAL_TLS_CLIENT_KEY",
    "TEMPORAL_PORT",  # only for `orders dev`
    "TEMPORAL_UI_PORT",
    "ORDERS_URL",  # only for clients of the API
    "ORDERS_TOKEN",
    "ORDERS_TOKEN_FILE",
    "FAULT_ERROR_RATE",  # refused in production
    "FAULT_HANG_RATE",
    "FAULT_RECORD",
    "FAULT_SEED",
    "PAYMENT_PROCESSING_DELAY",
    "SHIPPING_DELAY",
}
_FIXED_IN_COMPOSE = {
    "DB_PASSWORD",
    "ENVIRONMENT",
    "DB_HOST",
    "DB_PORT",
    "DB_USER",
    "DB_NAME",
    "TEMPORAL_ADDRESS",
    "TEMPORAL_NAMESPACE",
    "HOST",  # inside the container; the host publishes the port as PORT
    "PORT",
}
_FOR_DEVELOPMENT = _NAMES - {
    name for name in _NOT_IN_COMPOSE if not name.startswith(("FAULT_", "PAYMENT_", "SHIPPING_"))
}
_FOR_API = _NAMES - _NOT_IN_COMPOSE
_API_ONLY = {name.upper() for name in ApiSettings.model_fields} | {"HOST", "TEMPORAL_UI_URL"}
_FOR_ALL = _FOR_API - _API_ONLY | {"ENVIRONMENT"}

pytestmark = pytest.mark.usefixtures("bare_environment")


@pytest.fixture
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _NAMES | set(FORMER_NAMES):
        monkeypatch.delenv(name, raising=False)


def test_all_invalid_settings_of_all_packages_are_named_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    invalid = {
        "PORT": "eighty",
        "LOG_LEVEL": "LOUD",
        "FAULT_ERROR_RATE": "1.5",
        "DB_PORT": "0",
        "REVIEW_MODE": "SOMETIMES",
        "ACTIVITY_TIMEOUT": "5 seconds",
        "TEMPORAL_ADDRESS": "nowhere",
        "DATABASE_URL": "mysql://root:hunter2@db/orders",
        "TEMPORAL_TLS_CLIENT_CERT": "/no/such/file",
    }
    for name, value in invalid.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(InvalidSettings) as error:
        load_configuration(file=None)

    lines = str(error.value).splitlines()
    assert {line.split(":")[0] for line in lines} == set(invalid)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("name", sorted(_NUMBERS | _DURATIONS))
def test_every_number_and_duration_has_a_maximum(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "P9999W" if name in _DURATIONS else "1" + 20 * "0")

    with pytest.raises(InvalidSettings) as error:
        load_configuration(file=None)

    assert str(error.value).startswith(name)
    assert "ISO 8601" not in str(error.value)


@pytest.mark.parametrize("value", ["2", "PT2S"])
def test_a_simulated_delay_is_a_duration_or_a_number_of_seconds(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("SHIPPING_DELAY", value)

    assert load_configuration(file=None).orchestration.shipping_delay == timedelta(seconds=2)


@pytest.mark.parametrize("name", ["PAYMENT_PROCESSING_DELAY", "SHIPPING_DELAY", "FAULT_ERROR_RATE"])
def test_production_refuses_simulated_delays_and_faults(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("DB_PASSWORD", "private")
    monkeypatch.setenv(name, "1")

    with pytest.raises(InvalidSettings, match=f"{name}: must be 0 in production"):
        load_configuration(file=None)


def test_an_invalid_setting_that_several_packages_share_is_named_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "staging")

    with pytest.raises(InvalidSettings) as error:
        load_configuration(file=None)

    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("name", FORMER_NAMES)
@pytest.mark.parametrize("place", ["environment", "file"])
def test_a_setting_of_another_order_system_is_answered_with_the_name_it_has_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, place: str
) -> None:
    replacement = FORMER_NAMES[name][0]
    file = tmp_path / ".env"
    file.write_text(f"{name}=hunter2\n" if place == "file" else "")
    if place == "environment":
        monkeypatch.setenv(name, "hunter2")

    with pytest.raises(InvalidSettings) as error:
        load_configuration(file)

    assert str(error.value).startswith(f"{name}: this setting is called {replacement} here.")
    assert replacement in _NAMES
    assert "hunter2" not in str(error.value)


def test_a_setting_of_another_order_system_is_ignored_beside_the_one_that_replaces_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEMPORAL_HOST", "elsewhere:7233")
    monkeypatch.setenv("TEMPORAL_ADDRESS", "here:7233")

    assert load_configuration(file=None).orchestration.temporal_address == "here:7233"


def test_the_environment_takes_precedence_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=9000\nHOST=0.0.0.0\nDB_NAME=shop\nTEMPORAL_NAMESPACE=shop\nOTHERS=1\n")
    monkeypatch.setenv("PORT", "9001")

    configuration = load_configuration(file)

    assert configuration.api.port == 9001
    assert configuration.service.host == "0.0.0.0"  # ruff: ignore[hardcoded-bind-all-interfaces] - read back
    assert configuration.persistence.db_name == "shop"
    assert configuration.orchestration.temporal_namespace == "shop"


def test_an_empty_setting_has_its_default_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".env"
    file.write_text("".join(f"{name}=\n" for name in _NAMES))
    default = _all_settings(file=None)

    assert _all_settings(file) == default
    for name in _NAMES:
        monkeypatch.setenv(name, "")
    assert _all_settings(file=None) == default


def test_the_example_file_lists_every_setting_with_its_default(tmp_path: Path) -> None:
    listed = dict(_LINE.findall(_EXAMPLE.read_text()))
    file = tmp_path / ".env"
    file.write_text("".join(f"{name}={value}\n" for name, value in listed.items() if value))

    assert set(listed) == _NAMES
    assert _all_settings(file) == _all_settings(file=None)


@pytest.mark.parametrize(
    ("service", "needed"),
    [
        ("migrate", _FOR_ALL),
        ("search-attributes", _FOR_ALL),
        ("order-worker", _FOR_ALL),
        ("shipping-worker", _FOR_ALL),
        ("api", _FOR_API),
    ],
)
def test_compose_passes_each_setting_to_every_container_that_reads_it(
    service: str, needed: set[str]
) -> None:
    passed = yaml.safe_load(_COMPOSE.read_text())["services"][service]["environment"]

    assert set(passed) == needed
    for name in needed - _FIXED_IN_COMPOSE:
        assert passed[name] is None or passed[name].startswith(f"${{{name}:")


@pytest.mark.parametrize(
    "service", ["migrate", "search-attributes", "order-worker", "shipping-worker", "api"]
)
def test_compose_for_development_passes_all_settings_and_sets_no_default(service: str) -> None:
    services = yaml.safe_load(_COMPOSE_FOR_DEVELOPMENT.read_text())["services"]
    passed = services[service]["environment"]

    assert set(passed) == _FOR_DEVELOPMENT
    assert {name for name in passed if passed[name] is not None} == _FIXED_IN_COMPOSE | {
        "TEMPORAL_UI_URL"
    }


def test_compose_runs_only_migrations_as_the_owner_of_the_tables() -> None:
    services = yaml.safe_load(_COMPOSE.read_text())["services"]
    roles = {
        (name, environment["DB_USER"], environment["DB_PASSWORD"].partition(":")[0])
        for name, service in services.items()
        if "DB_USER" in (environment := service.get("environment", {}))
    }

    assert roles == {
        ("migrate", "orders", "${DB_PASSWORD"),
        ("search-attributes", "orders_service", "${SERVICE_DB_PASSWORD"),
        ("order-worker", "orders_service", "${SERVICE_DB_PASSWORD"),
        ("shipping-worker", "orders_service", "${SERVICE_DB_PASSWORD"),
        ("api", "orders_service", "${SERVICE_DB_PASSWORD"),
    }


def _all_settings(file: Path | None) -> dict[str, object]:
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for settings in _CLASSES
        for name, value in settings(_env_file=file)
    }
