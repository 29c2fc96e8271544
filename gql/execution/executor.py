"""The executor of the API: a fast path for lists, and graphql-core's for the rest.

graphql-core's own executor (the stock executor) makes a path and a description and calls a resolver
for every value. The fast path reads values directly. If anything is not as expected, the stock
executor starts over with the list or entry, so every error is one of the stock executor.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from gql.execution.selection import SelectionPlanner, nullable

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

    from gql.execution.columns import BuildObjects, Column, PendingField, Value
    from gql.execution.selection import BatchRead


_MIN_ENTRIES = 3
"""A plan for fewer entries can cost more than it saves: see "One object" in docs/benchmarks.md."""


class FastPathExecutor(StrawberryGraphQLCoreExecutionContext):
    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)
        has_middleware = self.middleware_manager and self.middleware_manager.middlewares
        self._enabled = self.abort_signal is None and not has_middleware
        self._planner = SelectionPlanner()

    def build_per_event_executor(self, payload: object) -> Executor[Any]:
        """Give each event of a subscription its own plans. Those of earlier events are useless."""
        executor = super().build_per_event_executor(payload)
        assert isinstance(executor, FastPathExecutor)  # ruff: ignore[assert] - a copy of this one
        executor._planner = SelectionPlanner()  # ruff: ignore[private-member-access] - as above
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
        """Read the fast fields of a list's entry directly. The stock executor resolves the others.

        An object in no list has no plan: planning its selection costs more than it saves.
        """
        fields = grouped_field_set
        plan = self._planner.existing_plan(fields)
        if plan is not None and position_context is None:
            fast = _build_or_none(plan.build_object, source_value)
            if fast is not None:
                if not plan.slow_fields:
                    return fast
                slow = super().execute_fields(
                    parent_type, source_value, path, plan.slow_fields, position_context
                )
                if isinstance(slow, dict):
                    return fast | slow
                return _updated(fast, slow)
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
        """Complete all entries of a list at once, or leave the list to the stock executor."""

        def complete_by_stock() -> AwaitableOrValue[list[Any]]:
            return super(FastPathExecutor, self).complete_list_value(
                return_type, field_details_list, info, path, result, position_context
            )

        inner, required = nullable(return_type.of_type)
        if not self._enabled or position_context is not None:
            return complete_by_stock()
        if type(result) is not list or len(result) < _MIN_ENTRIES:
            return complete_by_stock()
        plan = self._planner.fast_plan(self, inner, field_details_list)
        if plan is None:
            return complete_by_stock()
        complete = plan.complete(required=required)
        pending: list[PendingField] = []
        try:
            completed = [*complete(result, pending)]
            reads = [(read, read.sources(result)) for read in plan.batch_reads]
        except Exception:  # ruff: ignore[blind-except] - the stock executor reports the error
            return complete_by_stock()
        if not pending or not completed:
            return completed
        return self._filled(completed, pending, reads, complete_by_stock)

    async def _filled(
        self,
        completed: list[Any],
        pending: list[PendingField],
        reads: list[tuple[BatchRead, Column]],
        complete_by_stock: Callable[[], AwaitableOrValue[list[Any]]],
    ) -> list[Any]:
        """Read the batches concurrently and fill the pending fields with them."""
        try:
            columns = await asyncio.gather(
                *(
                    read.resolve(self.context_value, sources, **read.arguments)
                    for read, sources in reads
                )
            )
            for field, column in zip(pending, columns, strict=True):
                field.fill(column)
        except Exception:  # ruff: ignore[blind-except] - as above
            by_stock = complete_by_stock()
            return by_stock if isinstance(by_stock, list) else await by_stock
        return completed


def _build_or_none(build: BuildObjects | None, source: Value) -> dict[str, Any] | None:
    if build is None:
        return None
    try:
        return build([source], [])[0]
    except Exception:  # ruff: ignore[blind-except] - as above
        return None


async def _updated(fast: dict[str, Any], slow: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    fast.update(await slow)
    return fast
