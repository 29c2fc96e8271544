"""The state diagram of the documentation, made from the table of transitions.

``python -m orchestration.domain.diagram`` prints it.
"""

from __future__ import annotations

from orchestration.domain.states import END_STATES, TRANSITIONS, EventType, OrderState

_OUT = (EventType.ORDER_CANCELLED, EventType.ORDER_FAILED)


def mermaid() -> str:
    """Draw the table as a Mermaid state diagram.

    CANCELLED and FAILED, which can be reached from everywhere before dispatch, are drawn once,
    from a box around those states.
    """
    lines = ["stateDiagram-v2", "    [*] --> PLACED", '    state "can be stopped" as stoppable {']
    stoppable = TRANSITIONS[EventType.ORDER_CANCELLED].sources
    arrows = [
        (source, transition.target, event)
        for event, transition in TRANSITIONS.items()
        if transition.target is not None and event not in _OUT
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
    lines += [f"    stoppable --> {TRANSITIONS[event].target}: {event}" for event in _OUT]
    lines += [f"    {state} --> [*]" for state in OrderState if state in END_STATES]
    return "\n".join(lines)


if __name__ == "__main__":
    print(mermaid())  # ruff: ignore[print] - its output is what it is for
