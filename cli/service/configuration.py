"""Loads the settings of all packages, and reports all invalid ones at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError
from pydantic_settings import BaseSettings

from cli.service.former_settings import former_setting_problems
from cli.service.settings import ServiceSettings
from gql.settings import ApiSettings
from orchestration.settings import OrchestrationSettings
from persistence.settings import PersistenceSettings

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_FILE = Path(".env")
_Settings = TypeVar("_Settings", bound=BaseSettings)


class InvalidSettings(Exception):
    """The message names every invalid setting, and contains no values: they may be secret."""


@dataclass(frozen=True)
class Configuration:
    orchestration: OrchestrationSettings
    persistence: PersistenceSettings
    api: ApiSettings
    service: ServiceSettings


def load_configuration(file: Path | None = _FILE) -> Configuration:
    """Read settings from the environment, and those that it lacks from the file.

    Raises InvalidSettings, also if a value is set under the name that another system gives it.
    """
    problems = list(former_setting_problems(file))

    def load(kind: type[_Settings]) -> _Settings | None:
        try:
            return kind(_env_file=file)
        except ValidationError as error:
            details = error.errors(include_input=False, include_url=False, include_context=False)
            problems.extend(_problem(detail) for detail in details)
            return None

    orchestration = load(OrchestrationSettings)
    persistence = load(PersistenceSettings)
    api = load(ApiSettings)
    service = load(ServiceSettings)
    if problems or not (orchestration and persistence and api and service):
        # Several packages may report the same setting.
        raise InvalidSettings("\n".join(dict.fromkeys(problems)))
    return Configuration(orchestration, persistence, api, service)


def _problem(detail: ErrorDetails) -> str:
    """Return a message that starts with the name of the environment variable.

    If a combination of settings is invalid, the validator's message already names them.
    """
    message = detail["msg"].removeprefix("Value error, ")
    if not detail["loc"]:
        return message
    name = str(detail["loc"][0]).upper()
    return f"{name}: {message.removeprefix(name).lstrip()}"
