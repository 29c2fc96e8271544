"""Where a field's value is, said so that an executor can go there without a resolver's ceremony."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import strawberry

if TYPE_CHECKING:
    from strawberry.types.field import StrawberryField

BatchResolver: TypeAlias = Callable[..., Awaitable[Sequence[Any]]]
"""Takes a context, the objects and the field's arguments; returns each one's value, in order.

Where it raises, the field's own resolver is asked for each object, and says what is wrong.
"""

_PATH = "path"
_READ_ALL = "batch_resolver"


def attribute(path: str, *, description: str) -> Any:  # ruff: ignore[any-type] - a field of any type
    """Make a field whose value is the object's attribute of that name, or on that dotted path."""
    get = attrgetter(path)

    def value(self: object) -> Any:  # ruff: ignore[any-type] - as above
        return get(self)

    return strawberry.field(resolver=value, description=description, metadata={_PATH: path})


def batch_resolver(batch_resolver: BatchResolver) -> dict[Any, Any]:
    """Make the metadata of a field that can be read for a whole list at once."""
    return {_READ_ALL: batch_resolver}


def getter_of(field: StrawberryField) -> Callable[[Any], Any] | None:
    """Return what takes a field's value from an object; None where more is asked for than that."""
    resolver = field.base_resolver
    if resolver is None:
        return attrgetter(field.python_name)
    path: str | None = field.metadata.get(_PATH)
    if path is not None:
        return attrgetter(path)
    if resolver.arguments or field.is_async or not resolver.self_parameter:
        return None
    if resolver.info_parameter or resolver.parent_parameter or resolver.root_parameter:
        return None
    return cast("Callable[[Any], Any]", resolver.wrapped_func)


def batch_resolver_of(field: StrawberryField) -> BatchResolver | None:
    """Return how a field is read for many objects, or None where it cannot be."""
    batch_resolver: BatchResolver | None = field.metadata.get(_READ_ALL)
    return batch_resolver
