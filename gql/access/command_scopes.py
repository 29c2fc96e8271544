"""The commands to an order that a caller may send."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gql.access.field_scopes import FIELD_SCOPES
from orchestration.domain.commands import CommandName

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gql.access.principal import Scope

COMMAND_MUTATIONS: Final[Mapping[CommandName, str]] = MappingProxyType({
    CommandName.APPROVE: "approveOrder",
    CommandName.REJECT: "rejectOrder",
    CommandName.CANCEL: "cancelOrder",
    CommandName.UPDATE_ADDRESS: "updateAddress",
    CommandName.CANCEL_PAYMENT: "cancelPayment",
    CommandName.CONFIRM_DELIVERY: "confirmDelivery",
})


@cache  # the callers of an API have few different sets of scopes
def allowed_commands(scopes: frozenset[Scope]) -> frozenset[CommandName]:
    return frozenset(
        name
        for name, mutation in COMMAND_MUTATIONS.items()
        if not FIELD_SCOPES[f"Mutation.{mutation}"].isdisjoint(scopes)
    )
