"""Settings: every wrong one is named, no value is shown, and .env.example tells them all."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from cli.configuration import WrongSettings, load_configuration
from cli.settings import CommandSettings
from gql.settings import ApiSettings
from orchestration.settings import OrchestrationSettings
from persistence.settings import PersistenceSettings

_CLASSES = (OrchestrationSettings, PersistenceSettings, ApiSettings, CommandSettings)
_NAMES = {name.upper() for settings in _CLASSES for name in settings.model_fields}
_EXAMPLE = Path(__file__).parents[2] / ".env.example"
_LINE = re.compile(r"# ([A-Z_]+)=(\S*)")

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
    }
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(WrongSettings) as refusal:
        load_configuration(file=None)

    lines = str(refusal.value).splitlines()
    assert {line.split(":")[0] for line in lines} == set(wrong)
    assert "hunter2" not in str(refusal.value)


def test_a_setting_of_several_packages_is_complained_about_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "staging")

    with pytest.raises(WrongSettings) as refusal:
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
    assert configuration.command.host == "0.0.0.0"  # ruff: ignore[hardcoded-bind-all-interfaces] - read back
    assert configuration.persistence.db_name == "shop"
    assert configuration.orchestration.temporal_namespace == "shop"


def test_the_example_lists_every_setting_with_its_default(tmp_path: Path) -> None:
    listed = dict(_LINE.findall(_EXAMPLE.read_text()))
    file = tmp_path / ".env"
    file.write_text("".join(f"{name}={value}\n" for name, value in listed.items() if value))

    assert set(listed) == _NAMES
    assert _plain(load_configuration(file)) == _plain(load_configuration(file=None))


def _plain(configuration: object) -> dict[str, object]:
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for settings in vars(configuration).values()
        for name, value in settings
    }
