"""The sender of a command is part of the event that the command causes, and of nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload

from gql.access.principal import Principal, PrincipalKind
from gql.writing.actor import actor_of
from orchestration.domain.commands import ApproveOrder, CancelOrder, Command, UpdateAddress
from orchestration.domain.judgement import judge
from orchestration.domain.lifecycle import OrderLifecycle
from orchestration.domain.order import Actor, ActorKind, initial_snapshot
from orchestration.payloads import DATA_CONVERTER
from persistence.rows import EVENT_COLUMNS, event_columns, order_event
from tests.support.orders import ADDRESS, make_order

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ADA = Actor("ada", ActorKind.USER, "Ada Lovelace")
BOT = Actor("key-1", ActorKind.API_KEY)


def make_lifecycle() -> OrderLifecycle:
    order = make_order()
    lifecycle = OrderLifecycle(order, initial_snapshot(order, NOON), lambda: NOON)
    lifecycle.received()
    lifecycle.validated()
    lifecycle.review_started()
    return lifecycle


@pytest.mark.parametrize(
    "command",
    [ApproveOrder(actor=ADA), CancelOrder(actor=ADA), UpdateAddress(actor=ADA, address=ADDRESS)],
    ids=lambda command: command.name,
)
def test_the_event_of_a_command_names_its_sender(command: Command) -> None:
    lifecycle = make_lifecycle()
    assert judge(lifecycle, command, "c-1").applied
    assert lifecycle.events[-1].actor == ADA
    assert {event.actor for event in lifecycle.events[:-1]} == {None}


def test_an_early_approval_keeps_its_sender_until_it_is_recorded() -> None:
    order = make_order()
    lifecycle = OrderLifecycle(order, initial_snapshot(order, NOON), lambda: NOON)
    judge(lifecycle, ApproveOrder(actor=ADA), "c-1")
    lifecycle.received()
    lifecycle.validated()
    lifecycle.approved(lifecycle.early_approval)
    assert lifecycle.events[-1].actor == ADA


def test_a_retry_by_someone_else_gets_the_first_verdict() -> None:
    lifecycle = make_lifecycle()
    first = judge(lifecycle, CancelOrder(actor=ADA, reason="late"), "c-1")
    assert judge(lifecycle, CancelOrder(actor=BOT, reason="late"), "c-1") is first
    assert first.content == {"reason": "late"}
    assert lifecycle.events[-1].actor == ADA


def test_a_sender_that_cannot_be_stored_is_refused() -> None:
    lifecycle = make_lifecycle()
    forged = Actor("a\0b", ActorKind.USER)
    verdict = judge(lifecycle, CancelOrder(actor=forged), "c-1")
    assert not verdict.applied
    assert "actor.id must not contain control characters" in verdict.message


@pytest.mark.parametrize(
    ("data", "actor"),
    [
        (b'{"reason": "late"}', None),
        (b'{"reason": "late", "actor": null}', None),
        (b'{"actor": {"id": "key-1", "kind": "API_KEY", "name": null}}', BOT),
    ],
)
async def test_signals_with_and_without_a_sender_are_read(data: bytes, actor: Actor | None) -> None:
    payload = Payload(metadata={"encoding": b"json/plain"}, data=data)
    [command] = await DATA_CONVERTER.decode([payload], [CancelOrder])
    assert command.actor == actor


@pytest.mark.parametrize("actor", [ADA, BOT, None])
def test_a_row_keeps_the_sender_apart_from_the_facts(actor: Actor | None) -> None:
    lifecycle = make_lifecycle()
    judge(lifecycle, CancelOrder(actor=actor, reason="late"), "c-1")
    event = lifecycle.events[-1]
    columns: dict[str, Any] = {"order_id": "o-1", **event_columns(event)}
    assert columns.keys() - {"key"} == {column.key for column in EVENT_COLUMNS}
    assert ("actor" in columns["payload"]) == (actor is not None)
    assert order_event([columns[column.key] for column in EVENT_COLUMNS]) == event
    assert "actor" not in event.payload


def test_the_texts_of_a_token_are_made_storable() -> None:
    principal = Principal("a\0da" * 100, PrincipalKind.USER, "\u202e \n", frozenset())
    actor = actor_of(principal)
    assert actor == Actor(("ada" * 100)[:200], ActorKind.USER, None)
    lifecycle = make_lifecycle()
    assert judge(lifecycle, replace(CancelOrder(), actor=actor), "c-1").applied


def test_every_kind_of_principal_can_be_an_actor() -> None:
    assert {kind.value for kind in ActorKind} == {kind.value for kind in PrincipalKind}
