"""Generates the state diagram in docs/architecture.md from the transition table.

Run ``python -m orchestration.domain.diagram`` to print it.
"""

from __future__ import annotations

from orchestration.domain.states import END_STATES, TRANSITIONS, EventType, OrderState

_STOP_EVENTS = (EventType.ORDER_CANCELLED, EventType.ORDER_FAILED)


def mermaid() -> str:
    """Return the transition table as a Mermaid state diagram.

    Every state before dispatch leads to CANCELLED and FAILED. To keep the diagram readable, those
    states are grouped in a box, and the box has the two arrows.
    """
    lines = ["stateDiagram-v2", "    [*] --> PLACED", '    state "can be stopped" as stoppable {']
    stoppable = TRANSITIONS[EventType.ORDER_CANCELLED].sources
    arrows = [
        (source, transition.target, event)
        for event, transition in TRANSITIONS.items()
        if transition.target is not None and event not in _STOP_EVENTS
        for source in OrderState
        if source in transition.sources
    ]
    inside = [arrow for arrow in arrows if {arrow[0], arrow[1]} <= stoppable]
    lines += [f"        {source} --> {target}: {event}" for source, target, event in inside]
    lines.append("    }")
    lines += [
        f"    {source} --> {target}: {event}"
        for source, target, event in arrows
        if (source, target, event) not in inside
    ]
    lines += [f"    stoppable --> {TRANSITIONS[event].target}: {event}" for event in _STOP_EVENTS]
    lines += [f"    {state} --> [*]" for state in OrderState if state in END_STATES]
    return "\n".join(lines)


if __name__ == "__main__":
    print(mermaid())  # ruff: ignore[print] - a command-line program
