"""One command's talk with the API, from the address to the exit code."""

# ruff: file-ignore[import-outside-top-level] - every `orders` loads this: HTTP and tables come in when a command talks

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from cli.client.exit_codes import Exit, exit_of_failure, exit_of_result
from cli.client.failures import RequestFailed, WrongAddress
from cli.client.retries import BRIEFLY, persistently

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from cli.client.graphql_client import GraphqlClient
    from cli.client.output import Output


class Session:
    """The API to ask, and where the answers go."""

    def __init__(self, api: GraphqlClient, out: Output) -> None:
        """Nothing is asked yet."""
        self.api = api
        self.out = out

    async def ask(self, document: str, **variables: object) -> Any:  # ruff: ignore[any-type] - JSON
        """Return the one field that a query selects, warning of parts that failed.

        Raises RequestFailed.
        """
        return await self._field(document, variables, BRIEFLY)

    async def send(
        self, document: str, content: dict[str, Any], delays: Sequence[float] = BRIEFLY
    ) -> dict[str, Any]:
        """Return what a mutation answered. It is sent again, the same, where no answer comes.

        So its content has to hold the id that makes that safe. Raises RequestFailed.
        """
        result: dict[str, Any] = await self._field(document, {"input": content}, delays)
        return result

    def report(self, result: dict[str, Any], tell: Callable[[], None]) -> Exit:
        """Write what a mutation answered, with the reason on stderr where it was refused.

        Returns the exit code for it; ``tell`` tells people of what was done.
        """
        if "message" not in result:
            self.out.show(result, tell)
        else:
            self.out.show(result, lambda: None)
            self.out.error(reason(result))
        return exit_of_result(result)

    async def _field(
        self, document: str, variables: dict[str, Any], delays: Sequence[float]
    ) -> Any:  # ruff: ignore[any-type] - JSON
        answer = await persistently(lambda: self.api.ask(document, variables), delays)
        for problem in answer.problems:
            self.out.warn(problem)
        [value] = answer.data.values()
        return value


def reason(result: dict[str, Any]) -> str:
    """Return why a mutation was refused, every wrong field named."""
    if "fields" not in result:
        return str(result["message"])
    return "; ".join(f"{'.'.join(one['path'])} {one['message']}" for one in result["fields"])


def talk(work: Callable[[Session], Awaitable[Exit]], *, url: str | None, as_json: bool) -> NoReturn:
    """Do a command's work, and end with its exit code."""
    from cli.client.output import Output

    out = Output(as_json=as_json)
    try:
        code = asyncio.run(_with_api(work, url or _address(), out))
    except WrongAddress as error:
        raise typer.BadParameter(str(error), param_hint="--url, or ORDERS_URL,") from None
    except RequestFailed as failure:
        out.error(str(failure))
        code = exit_of_failure(failure)
    raise typer.Exit(code)


async def _with_api(work: Callable[[Session], Awaitable[Exit]], url: str, out: Output) -> Exit:
    from cli.client.graphql_client import GraphqlClient

    async with GraphqlClient(url) as api:
        return await work(Session(api, out))


def _address() -> str:
    from cli.client.settings import ClientSettings

    return ClientSettings().orders_url
