"""Settings: every wrong one is named, no value is shown, and .env.example tells them all."""

import re
from pathlib import Path

import pytest
import yaml
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from cli.client.settings import ClientSettings
from cli.service.configuration import InvalidSettings, load_configuration
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
_EXAMPLE = Path(__file__).parents[2] / ".env.example"
_COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"
_LINE = re.compile(r"# ([A-Z_]+)=(\S*)")

_LEFT_OUT_OF_COMPOSE = {
    "DATABASE_URL",  # its parts are passed
    "TEMPORAL_API_KEY",  # Temporal is a container of the same network
    "TEMPORAL_TLS",
    "TEMPORAL_TLS_SERVER_ROOT_CA_CERT",
    "TEMPORAL_TLS_CLIENT_CERT",
    "TEMPORAL_TLS_CLIENT_KEY",
    "TEMPORAL_PORT",  # of `orders dev`
    "TEMPORAL_UI_PORT",
    "ORDERS_URL",  # of the API's clients
    "FAULT_ERROR_RATE",  # production refuses faults
    "FAULT_HANG_RATE",
    "FAULT_SEED",
}
_SETTLED_IN_COMPOSE = {
    "ENVIRONMENT",
    "DB_HOST",
    "DB_PORT",
    "DB_USER",
    "DB_NAME",
    "TEMPORAL_ADDRESS",
    "TEMPORAL_NAMESPACE",
    "HOST",  # of the container; PORT is the host's, where it is published
    "PORT",
}
_OF_API = _NAMES - _LEFT_OUT_OF_COMPOSE
_OF_API_ALONE = {name.upper() for name in ApiSettings.model_fields} | {"HOST", "TEMPORAL_UI_URL"}
_OF_ALL = _OF_API - _OF_API_ALONE | {"ENVIRONMENT"}

pytestmark = pytest.mark.usefixtures("bare_environment")


@pytest.fixture
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _NAMES:
        monkeypatch.delenv(name, raising=False)


def test_every_wrong_setting_of_every_package_is_named_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = {
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
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(InvalidSettings) as refusal:
        load_configuration(file=None)

    lines = str(refusal.value).splitlines()
    assert {line.split(":")[0] for line in lines} == set(wrong)
    assert "hunter2" not in str(refusal.value)


def test_a_setting_of_several_packages_is_complained_about_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "staging")

    with pytest.raises(InvalidSettings) as refusal:
        load_configuration(file=None)

    assert len(str(refusal.value).splitlines()) == 1


def test_a_file_is_read_below_the_environment(
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


def test_a_setting_that_is_left_empty_has_its_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".env"
    file.write_text("".join(f"{name}=\n" for name in _NAMES))
    default = _all_settings(file=None)

    assert _all_settings(file) == default
    for name in _NAMES:
        monkeypatch.setenv(name, "")
    assert _all_settings(file=None) == default


def test_the_example_lists_every_setting_with_its_default(tmp_path: Path) -> None:
    listed = dict(_LINE.findall(_EXAMPLE.read_text()))
    file = tmp_path / ".env"
    file.write_text("".join(f"{name}={value}\n" for name, value in listed.items() if value))

    assert set(listed) == _NAMES
    assert _all_settings(file) == _all_settings(file=None)


@pytest.mark.parametrize(
    ("service", "needed"),
    [
        ("migrate", _OF_ALL),
        ("search-attributes", _OF_ALL),
        ("order-worker", _OF_ALL),
        ("shipping-worker", _OF_ALL),
        ("api", _OF_API),
    ],
)
def test_an_operators_settings_reach_each_container_that_reads_them(
    service: str, needed: set[str]
) -> None:
    passed = yaml.safe_load(_COMPOSE.read_text())["services"][service]["environment"]

    assert set(passed) == needed
    for name in needed - _SETTLED_IN_COMPOSE:
        assert passed[name] is None or passed[name].startswith(f"${{{name}:")


def _all_settings(file: Path | None) -> dict[str, object]:
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for settings in _CLASSES
        for name, value in settings(_env_file=file)
    }
