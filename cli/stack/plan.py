"""What a stack consists of: which servers are our own, where they listen, with which settings."""

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

_DATA = Path(".orders")
_WHERE_POSTGRES_IS = {"database_url", "db_host", "db_port", "db_name"}
_KEYS_OF_OTHER_SERVERS = ("TEMPORAL_API_KEY", "TEMPORAL_TLS")


@dataclass(frozen=True)
class StackPlan:
    """What to run, and with which settings.

    ``temporal_ports`` None, or ``own_postgres`` False: the server that the configuration names is
    running already. ``environment`` is what the children get below the configuration's addresses.
    With ``keep`` the data in ``folder`` is meant to be found again.
    """

    folder: Path
    keep: bool
    configuration: Configuration
    environment: Mapping[str, str]
    temporal_ports: TemporalPorts | None
    own_postgres: bool

    def required_ports(self) -> Iterator[RequiredPort]:
        """Every port that the stack is going to listen on, and the setting that changes it."""
        if self.temporal_ports is not None:
            ports = self.temporal_ports
            yield RequiredPort("Temporal", ports.host, ports.grpc, "TEMPORAL_PORT")
            yield RequiredPort("Temporal's web page", ports.host, ports.ui, "TEMPORAL_UI_PORT")
        host, port = self.configuration.service.host, self.configuration.api.port
        yield RequiredPort("the API", host, port, "PORT")


def lasting_plan(configuration: Configuration, environment: Mapping[str, str]) -> StackPlan:
    """Plan a stack that keeps its data here, and uses the servers that the settings name."""
    service = configuration.service
    own_temporal = "temporal_address" not in configuration.orchestration.model_fields_set
    return StackPlan(
        folder=_DATA.absolute(),
        keep=True,
        configuration=configuration,
        environment=environment,
        temporal_ports=(
            TemporalPorts(service.temporal_port, service.temporal_ui_port) if own_temporal else None
        ),
        own_postgres=not _WHERE_POSTGRES_IS & configuration.persistence.model_fields_set,
    )


def passing_plan(
    configuration: Configuration, environment: Mapping[str, str], folder: Path
) -> StackPlan:
    """Plan a stack all of its own, on free ports, whose data nobody needs afterwards."""
    api, grpc, ui = free_ports(3)
    service = configuration.service.model_copy(update={"host": "127.0.0.1"})
    return StackPlan(
        folder=folder,
        keep=False,
        configuration=replace(
            configuration,
            service=service,
            api=configuration.api.model_copy(update={"port": api}),
        ),
        environment=environment,
        temporal_ports=TemporalPorts(grpc, ui),
        own_postgres=True,
    )


def with_own_postgres(configuration: Configuration, url: str) -> Configuration:
    """Return the configuration that reaches the stack's own Postgres."""
    update = {"database_url": SecretStr(url)}
    return replace(configuration, persistence=configuration.persistence.model_copy(update=update))


def with_own_temporal(configuration: Configuration, ports: TemporalPorts) -> Configuration:
    """Return the configuration that reaches the stack's own Temporal, which asks for no key."""
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


def children_environment(plan: StackPlan, configuration: Configuration) -> dict[str, str]:
    """Return the environment from which a child reads that configuration."""
    environment = dict(plan.environment)
    orchestration, persistence = configuration.orchestration, configuration.persistence
    if plan.own_postgres and persistence.database_url is not None:
        environment["DATABASE_URL"] = persistence.database_url.get_secret_value()
    if plan.temporal_ports is not None:
        for name in [name for name in environment if name.startswith(_KEYS_OF_OTHER_SERVERS)]:
            del environment[name]
        environment["TEMPORAL_ADDRESS"] = orchestration.temporal_address
        environment["TEMPORAL_UI_URL"] = orchestration.temporal_ui_url or ""
    environment["HOST"] = configuration.service.host
    environment["PORT"] = str(configuration.api.port)
    return environment
