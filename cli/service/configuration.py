"""All settings of a process, and every wrong one of them named at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError
from pydantic_settings import BaseSettings

from cli.service.settings import ServiceSettings
from gql.settings import ApiSettings
from orchestration.settings import OrchestrationSettings
from persistence.settings import PersistenceSettings

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_FILE = Path(".env")
_Settings = TypeVar("_Settings", bound=BaseSettings)


class WrongSettings(Exception):
    """Some settings have values that cannot be used; the message names all of them."""


@dataclass(frozen=True)
class Configuration:
    """The settings of each package."""

    orchestration: OrchestrationSettings
    persistence: PersistenceSettings
    api: ApiSettings
    service: ServiceSettings


def load_configuration(file: Path | None = _FILE) -> Configuration:
    """Read the environment, and below it the file where there is one.

    Raises WrongSettings, whose message never holds a value: it might be a secret's.
    """
    problems: list[str] = []

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
    if orchestration is None or persistence is None or api is None or service is None:
        # Some names are settings of more than one package.
        raise WrongSettings("\n".join(dict.fromkeys(problems)))
    return Configuration(orchestration, persistence, api, service)


def _problem(detail: ErrorDetails) -> str:
    """Say what is wrong under the name that the setting has in the environment.

    Where several settings do not go together, the message names them itself.
    """
    message = detail["msg"].removeprefix("Value error, ")
    if not detail["loc"]:
        return message
    name = str(detail["loc"][0]).upper()
    return f"{name}: {message.removeprefix(name).lstrip()}"
