from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.domain.diagram import mermaid
from orchestration.domain.errors import IllegalTransition
from orchestration.domain.states import (
    END_STATES,
    STOPPABLE_STATES,
    TRANSITIONS,
    EventType,
    OrderState,
    reachable_states,
    state_after,
)

ARCHITECTURE = Path(__file__).parents[3] / "docs" / "architecture.md"


def moves() -> set[tuple[OrderState, OrderState]]:
    return {
        (source, transition.target or source)
        for transition in TRANSITIONS.values()
        for source in transition.sources
    }


def test_every_event_of_this_version_has_a_transition() -> None:
    assert set(TRANSITIONS) == set(EventType) - {EventType.OTHER}


def test_every_state_is_reachable_from_placed() -> None:
    reached = {OrderState.PLACED}
    while grown := {target for source, target in moves() if source in reached} - reached:
        reached |= grown
    assert reached == set(OrderState)


@pytest.mark.parametrize("state", sorted(END_STATES))
def test_a_final_state_allows_no_event(state: OrderState) -> None:
    assert not [event for event, transition in TRANSITIONS.items() if state in transition.sources]


@pytest.mark.parametrize("state", sorted(set(OrderState) - END_STATES))
def test_every_other_state_can_reach_a_final_state(state: OrderState) -> None:
    reached = {state}
    while grown := {target for source, target in moves() if source in reached} - reached:
        reached |= grown
    assert reached & END_STATES


def test_an_order_can_be_stopped_until_the_carrier_is_dispatched() -> None:
    dispatched = OrderState.CARRIER_DISPATCHED
    before = {state for state in OrderState if dispatched in reachable_states(state)} - {dispatched}
    assert before == STOPPABLE_STATES, "correct STOPPABLE_STATES: other states ignore a stop"


@pytest.mark.parametrize("event", TRANSITIONS)
@pytest.mark.parametrize("state", OrderState)
def test_an_event_is_allowed_only_in_the_source_states_of_its_transition(
    state: OrderState, event: EventType
) -> None:
    transition = TRANSITIONS[event]
    if state in transition.sources:
        assert state_after(state, event) is (transition.target or state)
    else:
        with pytest.raises(IllegalTransition, match=f"{event} .* {state}"):
            state_after(state, event)


def test_the_diagram_in_the_documentation_matches_the_transition_table() -> None:
    assert mermaid() in ARCHITECTURE.read_text(encoding="utf-8"), (
        "paste the output of `python -m orchestration.domain.diagram` into docs/architecture.md"
    )
