"""``orders keys`` and ``orders token``: credentials of the callers of the API."""

# ruff: file-ignore[import-outside-top-level] - `orders --help` loads this module

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from cli.service.invocation import FAILURE, report_errors, service_configuration
from cli.service.startup import ServerUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeVar

    from gql.access.principal import Scope
    from persistence.api_keys import PostgresApiKeys, StoredApiKey

    _Result = TypeVar("_Result")

_USAGE_ERROR = 2
_STARTUP_TIMEOUT = 5.0  # seconds
_LOG_LEVEL = "ERROR"  # the output of these commands is for people and scripts

_Scopes: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--scope",
        help="A scope such as orders:read. Repeat the option for several. Default: all scopes"
        " except orders:own.",
        show_default=False,
    ),
]

_keys = typer.Typer(
    help="Create, list and revoke API keys. Connects to Postgres directly.", no_args_is_help=True
)


def add_access_commands(app: typer.Typer) -> None:
    app.add_typer(_keys, name="keys")
    app.command()(token)


@_keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who or what uses the key.")],
    scope: _Scopes = None,
    days: Annotated[
        int | None,
        typer.Option(min=1, max=3650, help="Days until it expires.", show_default="never"),
    ] = None,
) -> None:
    """Create an API key and print it. It is stored as a hash and cannot be shown again."""
    from gql.access.api_keys import hash_api_key, new_api_key, new_key_id
    from gql.access.principal import Scope

    scopes = _known_scopes(scope)
    if Scope.ORDERS_OWN in scopes:
        raise typer.BadParameter(
            "orders:own is for tokens, which name their customer.", param_hint="--scope"
        )
    key = new_api_key()
    expires_at = None if days is None else datetime.now(UTC) + timedelta(days=days)
    stored = _with_keys(
        lambda keys: keys.create(new_key_id(), hash_api_key(key), name, scopes, expires_at)
    )
    typer.echo(f"Created API key {stored.id} for {name}. Keep it safe:", err=True)
    typer.echo(key)


@_keys.command("list")
def list_keys() -> None:
    """List all API keys, newest first, one per line."""
    for key in _with_keys(lambda keys: keys.list_all()):
        typer.echo(_line(key))


@_keys.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As listed by `orders keys list`.")],
) -> None:
    """Revoke an API key. Every API process rejects it within 30 seconds."""
    if not _with_keys(lambda keys: keys.revoke(key_id)):
        typer.echo(f"There is no API key {key_id}. List them with `orders keys list`.", err=True)
        raise typer.Exit(FAILURE)
    typer.echo(f"Revoked API key {key_id}.")


def token(
    scope: _Scopes = None,
    subject: Annotated[str, typer.Option(help="Who the token is for.")] = "developer",
    customer: Annotated[
        str | None,
        typer.Option(help="ID of the customer of a token with orders:own.", show_default=False),
    ] = None,
    minutes: Annotated[float, typer.Option(min=0.01, max=525_600, help="Lifetime.")] = 60,
) -> None:
    """Print a token for an API in development.

    It is signed with a key in .orders/, so run the command in the working directory of the API.
    """
    from gql.access.development_tokens import DevelopmentKey, development_token
    from gql.access.principal import Scope

    api = service_configuration(_LOG_LEVEL).api
    if api.environment == "production":
        typer.echo("An API in production does not accept tokens for development.", err=True)
        raise typer.Exit(_USAGE_ERROR)
    scopes = _known_scopes(scope or (["orders:own"] if customer else None))
    if (customer is not None) != (Scope.ORDERS_OWN in scopes):
        raise typer.BadParameter(
            "--customer and --scope orders:own need each other.", param_hint="--customer"
        )
    typer.echo(
        development_token(
            DevelopmentKey().read_or_create(),
            subject=subject,
            scopes=scopes,
            customer_claim=api.auth_customer_claim,
            customer_id=customer,
            seconds=minutes * 60,
        )
    )


def _known_scopes(names: list[str] | None) -> frozenset[Scope]:
    from gql.access.principal import STAFF_SCOPES, Scope

    if not names:
        return STAFF_SCOPES
    try:
        return frozenset(map(Scope, names))
    except ValueError:
        raise typer.BadParameter(
            f"must be one of {', '.join(Scope)}", param_hint="--scope"
        ) from None


def _with_keys(use: Callable[[PostgresApiKeys], Awaitable[_Result]]) -> _Result:
    from cli.service.composition import use_api_keys
    from orchestration.domain.errors import RecordUnavailable

    settings = service_configuration(_LOG_LEVEL).persistence
    with report_errors(ServerUnavailable, RecordUnavailable):
        return asyncio.run(use_api_keys(settings, use, _STARTUP_TIMEOUT))


def _line(key: StoredApiKey) -> str:
    def at(time: datetime | None, otherwise: str) -> str:
        return otherwise if time is None else f"{time:%Y-%m-%dT%H:%MZ}"

    status = at(key.revoked_at, "")
    return "  ".join([
        key.id,
        key.name,
        ",".join(key.scopes),
        f"created {at(key.created_at, '')}",
        f"revoked {status}" if status else f"expires {at(key.expires_at, 'never')}",
        f"last used {at(key.last_used_at, 'never')}",
    ])
