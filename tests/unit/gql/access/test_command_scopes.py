from __future__ import annotations

import pytest

from gql.access.command_scopes import COMMAND_MUTATIONS, allowed_commands
from gql.access.field_scopes import FIELD_SCOPES
from gql.access.principal import STAFF_SCOPES, Scope
from orchestration.domain.commands import CommandName

CHANGES = {CommandName.CANCEL, CommandName.UPDATE_ADDRESS, CommandName.CONFIRM_DELIVERY}


def test_every_command_has_a_mutation_of_the_schema() -> None:
    assert set(COMMAND_MUTATIONS) == set(CommandName)
    assert all(f"Mutation.{field}" in FIELD_SCOPES for field in COMMAND_MUTATIONS.values())


@pytest.mark.parametrize(
    ("scopes", "commands"),
    [
        (set(), set()),
        ({Scope.ORDERS_READ}, set()),
        ({Scope.ORDERS_START}, CHANGES),
        ({Scope.ORDERS_OWN}, CHANGES),
        ({Scope.ORDERS_REVIEW}, CHANGES | {CommandName.APPROVE, CommandName.REJECT}),
        ({Scope.PAYMENTS_REVERSE}, {CommandName.CANCEL_PAYMENT}),
        (STAFF_SCOPES, set(CommandName)),
    ],
)
def test_a_caller_may_send_the_commands_of_its_scopes(
    scopes: set[Scope], commands: set[CommandName]
) -> None:
    assert allowed_commands(frozenset(scopes)) == commands
