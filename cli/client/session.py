"""Runs a command against the API: connection, retries, output and exit code."""

# ruff: file-ignore[import-outside-top-level] - `orders --help` loads this module: HTTP and tables are imported when needed

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import typer

from cli.client.exit_codes import ExitCode, exit_code_of_failure, exit_code_of_result
from cli.client.failures import UNAUTHENTICATED, InvalidUrl, RequestFailed, UnreadableToken
from cli.client.options import AsJson, Url
from cli.client.retries import SHORT_DELAYS, with_retries

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from cli.client.graphql_client import GraphqlClient
    from cli.client.output import Output

    Operation: TypeAlias = Callable[..., Awaitable[ExitCode]]


class Session:
    """The API that a command calls, and the output that it writes to."""

    def __init__(self, api: GraphqlClient, out: Output) -> None:
        self.api = api
        self.out = out

    async def query(self, document: str, **variables: object) -> Any:  # ruff: ignore[any-type] - JSON
        """Return the value of the query's only field. Errors of nested fields become warnings.

        Raises RequestFailed.
        """
        return await self._field(document, variables, SHORT_DELAYS)

    async def mutate(
        self, document: str, content: dict[str, Any], delays: Sequence[float] = SHORT_DELAYS
    ) -> dict[str, Any]:
        """Return a mutation's result, after retries of the same request.

        ``content`` must hold the ID that makes a retry safe. Raises RequestFailed.
        """
        result: dict[str, Any] = await self._field(document, {"input": content}, delays)
        return result

    def report(self, result: dict[str, Any], render: Callable[[], None]) -> ExitCode:
        """Write a mutation's result and return its exit code.

        ``render`` writes a successful result for people. The reason of a refusal goes to stderr.
        """
        if "message" not in result:
            self.out.show(result, render)
        else:
            self.out.show(result, lambda: None)
            self.out.error(refusal_reason(result))
        return exit_code_of_result(result)

    def not_found(self, kind: str, identifier: str) -> ExitCode:
        self.out.error(f"{kind} {identifier} was not found.")
        return ExitCode.NOT_FOUND

    async def _field(
        self, document: str, variables: dict[str, Any], delays: Sequence[float]
    ) -> Any:  # ruff: ignore[any-type] - JSON
        result = await with_retries(lambda: self.api.execute_partial(document, variables), delays)
        for warning in result.warnings:
            self.out.warn(warning)
        [value] = result.data.values()
        return value


def refusal_reason(result: dict[str, Any]) -> str:
    """Return why a mutation was refused, with the path of each invalid field."""
    if "fields" not in result:
        return str(result["message"])
    return "; ".join(f"{'.'.join(field['path'])} {field['message']}" for field in result["fields"])


def as_command(operation: Operation) -> Callable[..., NoReturn]:
    """Return a typer command that runs an operation and exits with its exit code.

    The operation's first parameter is the session. Its other parameters become the command's
    arguments and options, followed by --url and --json.
    """

    def command(*, url: Url = None, as_json: AsJson = False, **arguments: object) -> NoReturn:
        from cli.client.output import Output

        out = Output(as_json=as_json)
        try:
            code = asyncio.run(_run(operation, arguments, url, out))
        except InvalidUrl as error:
            raise typer.BadParameter(str(error), param_hint="--url or ORDERS_URL") from None
        except UnreadableToken as error:
            raise typer.BadParameter(str(error), param_hint="ORDERS_TOKEN_FILE") from None
        except RequestFailed as failure:
            out.error(str(failure))
            if failure.code == UNAUTHENTICATED:
                out.error("Set ORDERS_TOKEN to an API key or an access token.")
            code = exit_code_of_failure(failure)
        raise typer.Exit(code)

    # typer derives arguments and options from the signature and the annotations.
    parameters = [
        *list(inspect.signature(operation).parameters.values())[1:],
        inspect.Parameter("url", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Url),
        inspect.Parameter(
            "as_json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=AsJson
        ),
    ]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    command.__doc__ = operation.__doc__
    return command


async def _run(
    operation: Operation, arguments: dict[str, object], url: str | None, out: Output
) -> ExitCode:
    from cli.client.graphql_client import GraphqlClient
    from cli.client.settings import ClientSettings

    settings = ClientSettings()
    async with GraphqlClient(url or settings.orders_url, settings.token) as api:
        return await operation(Session(api, out), **arguments)
