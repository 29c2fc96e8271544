"""Plans a stack: which servers to start, on which ports, and with which settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from cli.service.configuration import Configuration
from cli.service.ports import RequiredPort, free_ports
from cli.stack.temporal import TemporalPorts

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA_FOLDER = Path(".orders")
_POSTGRES_ADDRESS_SETTINGS = {"database_url", "db_host", "db_port", "db_name"}
_TEMPORAL_CREDENTIALS = ("TEMPORAL_API_KEY", "TEMPORAL_TLS")


@dataclass(frozen=True)
class StackPlan:
    """The servers and settings of a stack.

    If ``temporal_ports`` is None, the stack uses the Temporal server that the configuration names;
    likewise for Postgres if ``embedded_postgres`` is False. The child processes get
    ``environment``, with the addresses of embedded servers added. ``persistent`` means that the
    data in ``folder`` is reused by the next start.
    """

    folder: Path
    persistent: bool
    configuration: Configuration
    environment: Mapping[str, str]
    temporal_ports: TemporalPorts | None
    embedded_postgres: bool

    def required_ports(self) -> Iterator[RequiredPort]:
        """Yield every port that the stack will listen on."""
        if self.temporal_ports is not None:
            ports = self.temporal_ports
            yield RequiredPort("Temporal", ports.host, ports.grpc, "TEMPORAL_PORT")
            yield RequiredPort("the Temporal UI", ports.host, ports.ui, "TEMPORAL_UI_PORT")
        host, port = self.configuration.service.host, self.configuration.api.port
        yield RequiredPort("the API", host, port, "PORT")


def persistent_plan(configuration: Configuration, environment: Mapping[str, str]) -> StackPlan:
    """Plan a stack with its data in .orders/, which uses external servers if settings name them."""
    service = configuration.service
    embedded_temporal = "temporal_address" not in configuration.orchestration.model_fields_set
    return StackPlan(
        folder=DATA_FOLDER.absolute(),
        persistent=True,
        configuration=configuration,
        environment=environment,
        temporal_ports=(
            TemporalPorts(service.temporal_port, service.temporal_ui_port)
            if embedded_temporal
            else None
        ),
        embedded_postgres=not _POSTGRES_ADDRESS_SETTINGS
        & configuration.persistence.model_fields_set,
    )


def temporary_plan(
    configuration: Configuration, environment: Mapping[str, str], folder: Path
) -> StackPlan:
    """Plan a stack on free ports, with embedded servers and without durable data."""
    api, grpc, ui = free_ports(3)
    service = configuration.service.model_copy(update={"host": "127.0.0.1"})
    return StackPlan(
        folder=folder,
        persistent=False,
        configuration=replace(
            configuration,
            service=service,
            api=configuration.api.model_copy(update={"port": api}),
        ),
        environment=environment,
        temporal_ports=TemporalPorts(grpc, ui),
        embedded_postgres=True,
    )


def with_embedded_postgres(configuration: Configuration, url: str) -> Configuration:
    update = {"database_url": SecretStr(url)}
    return replace(configuration, persistence=configuration.persistence.model_copy(update=update))


def with_embedded_temporal(configuration: Configuration, ports: TemporalPorts) -> Configuration:
    """Return a configuration for the embedded Temporal, which needs no credentials."""
    update = {
        "temporal_address": ports.address,
        "temporal_ui_url": ports.ui_url,
        "temporal_api_key": None,
        "temporal_tls": False,
        "temporal_tls_server_root_ca_cert": None,
        "temporal_tls_client_cert": None,
        "temporal_tls_client_key": None,
    }
    orchestration = configuration.orchestration.model_copy(update=update)
    return replace(configuration, orchestration=orchestration)


def child_environment(plan: StackPlan, configuration: Configuration) -> dict[str, str]:
    """Return the environment from which a child process loads this configuration."""
    environment = dict(plan.environment)
    orchestration, persistence = configuration.orchestration, configuration.persistence
    if plan.embedded_postgres and persistence.database_url is not None:
        environment["DATABASE_URL"] = persistence.database_url.get_secret_value()
    if plan.temporal_ports is not None:
        for name in [name for name in environment if name.startswith(_TEMPORAL_CREDENTIALS)]:
            del environment[name]
        environment["TEMPORAL_ADDRESS"] = orchestration.temporal_address
        environment["TEMPORAL_UI_URL"] = orchestration.temporal_ui_url or ""
    environment["HOST"] = configuration.service.host
    environment["PORT"] = str(configuration.api.port)
    return environment
