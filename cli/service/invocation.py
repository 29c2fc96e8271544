"""What the commands of services have in common: settings, logging and expected errors."""

# ruff: file-ignore[import-outside-top-level] - `orders --help` loads this module

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Generator

    from cli.service.configuration import Configuration

FAILURE = 1
_USAGE_ERROR = 2


def service_configuration(log_level: str | None = None) -> Configuration:
    """Log to stderr, at the level of the settings unless one is given, and load the settings."""
    from cli.service.logs import log_to_stderr

    log_to_stderr(log_level or "INFO")
    configuration = load_or_exit()
    logging.getLogger().setLevel(log_level or configuration.service.log_level)
    return configuration


def load_or_exit() -> Configuration:
    """Load the settings. Exits with 2 if some are invalid, and prints all of these."""
    from cli.service.configuration import InvalidSettings, load_configuration

    try:
        return load_configuration()
    except InvalidSettings as error:
        typer.echo(f"Invalid settings:\n{error}", err=True)
        raise typer.Exit(_USAGE_ERROR) from None


def stack_configuration() -> Configuration:
    """Load the settings without logging: the processes of the stack log the same warnings."""
    logging.basicConfig(format="%(message)s")
    logging.disable()
    try:
        return load_or_exit()
    finally:
        logging.disable(logging.NOTSET)


@contextmanager
def report_errors(*expected: type[Exception]) -> Generator[None]:
    """Print an expected error as one line, and exit with 1."""
    try:
        yield
    except expected as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(FAILURE) from None
