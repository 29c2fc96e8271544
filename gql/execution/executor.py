"""An executor that takes what is plain straight, and leaves all else to the stock one.

The stock executor makes a path, a description and a call for every single value. Where a value is
an attribute that is just what the schema says, all of that comes to the value itself. Here it is
taken so; and where anything at all is not as expected, the stock executor starts afresh with the
object or list in question, so that errors are always its own. This goes by how the stock executor
works inside: its version is pinned, and tests hold the two against each other.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from gql.execution.selection import Selecting, nullable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from graphql import (
        GraphQLList,
        GraphQLObjectType,
        GraphQLOutputType,
        GraphQLResolveInfo,
    )
    from graphql.execution import Executor
    from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet
    from graphql.pyutils import AwaitableOrValue, Path

    from gql.execution.columns import Build, Column, Gap, Value
    from gql.execution.selection import Level


class FastPathExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes one operation."""

    def __init__(self, *arguments: object, **named: object) -> None:
        """Take what the stock executor takes."""
        super().__init__(*arguments, **named)
        manager = self.middleware_manager
        self._may = self.abort_signal is None and not (manager and manager.middlewares)
        self._selecting = Selecting()

    def build_per_event_executor(self, payload: object) -> Executor[Any]:
        """Begin anew with each event: what the last one's fields were found to be is of no use."""
        executor = super().build_per_event_executor(payload)
        assert isinstance(executor, FastPathExecutor)  # ruff: ignore[assert] - a copy of this one
        executor._selecting = Selecting()  # ruff: ignore[private-member-access] - as above
        executor._relevant_sub_fields = {}  # ruff: ignore[private-member-access] - else it grows by each event
        return executor

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Value,
        path: Path | None,
        grouped_field_set: GroupedFieldSet,
        position_context: Any,  # ruff: ignore[any-type] - graphql-core's, of @defer
    ) -> AwaitableOrValue[dict[str, Any]]:
        """Take the plain fields of an object, and have the stock executor resolve the others."""
        fields = grouped_field_set
        if self._may and path is not None and position_context is None:
            selection = self._selecting.selection(self, parent_type, fields)
            plain = _tried(selection.alone, source_value)
            if plain is not None:
                if not selection.rest:
                    return plain
                others = super().execute_fields(
                    parent_type, source_value, path, selection.rest, position_context
                )
                if isinstance(others, dict):
                    return plain | others
                return _updated_later(plain, others)
        return super().execute_fields(parent_type, source_value, path, fields, position_context)

    def complete_list_value(  # ruff: ignore[too-many-arguments, too-many-positional-arguments] - graphql-core's
        self,
        return_type: GraphQLList[GraphQLOutputType],
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Value,
        position_context: Any,  # ruff: ignore[any-type] - as above
    ) -> AwaitableOrValue[list[Any]]:
        """Take a list's entries where they are plain, with what is read for all of them at once."""

        def stock() -> AwaitableOrValue[list[Any]]:
            return super(FastPathExecutor, self).complete_list_value(
                return_type, field_details_list, info, path, result, position_context
            )

        inner, required = nullable(return_type.of_type)
        if not self._may or position_context is not None or type(result) is not list:
            return stock()
        selection = self._selecting.plain_below(self, inner, field_details_list)
        if selection is None:
            return stock()
        complete = selection.completing(required=required)
        gaps: list[Gap] = []
        try:
            completed = [*complete(result, gaps)]
            reading = [(level, level.sources(result)) for level in selection.levels]
        except Exception:  # ruff: ignore[blind-except] - whatever it is, the stock executor tells
            return stock()
        return self._filled(completed, gaps, reading, stock) if gaps and completed else completed

    async def _filled(
        self,
        completed: list[Any],
        gaps: list[Gap],
        reading: list[tuple[Level, Column]],
        stock: Callable[[], AwaitableOrValue[list[Any]]],
    ) -> list[Any]:
        try:
            columns = await asyncio.gather(
                *(
                    level.batch_resolver(self.context_value, sources, **level.arguments)
                    for level, sources in reading
                )
            )
            for gap, column in zip(gaps, columns, strict=True):
                gap.fill(column)
        except Exception:  # ruff: ignore[blind-except] - as above
            afresh = stock()
            return afresh if isinstance(afresh, list) else await afresh
        return completed


def _tried(build: Build | None, source: Value) -> dict[str, Any] | None:
    if build is None:
        return None
    try:
        return build([source], [])[0]
    except Exception:  # ruff: ignore[blind-except] - as above
        return None


async def _updated_later(
    plain: dict[str, Any], others: Awaitable[dict[str, Any]]
) -> dict[str, Any]:
    plain.update(await others)
    return plain
