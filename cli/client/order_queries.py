"""Looking at one order: in short, with everything, and from its beginning."""

from typing import TYPE_CHECKING, Any

from cli.client import operations
from cli.client.exit_codes import Exit
from cli.client.formatting import local_time, money
from cli.client.options import AsJson, AsJsonLines, OrderId, Url
from cli.client.rendering import no_such, tell_order
from cli.client.session import Session, talk

if TYPE_CHECKING:
    from cli.client.output import Output

_PAGE = 100
_NO_LIMIT = "no limit"


def status(order: OrderId, *, url: Url = None, as_json: AsJson = False) -> None:
    """Say where an order stands."""

    async def work(session: Session) -> Exit:
        found = await session.ask(operations.ORDER, id=order)
        if found is None:
            return no_such(session, "order", order)
        session.out.show(found, lambda: tell_order(session.out, found))
        return Exit.DONE

    talk(work, url=url, as_json=as_json)


def describe(order: OrderId, *, url: Url = None, as_json: AsJson = False) -> None:
    """Say everything about an order: its content, its policy, and what its workflow is doing."""

    async def work(session: Session) -> Exit:
        found = await session.ask(operations.WHOLE_ORDER, id=order)
        if found is None:
            return no_such(session, "order", order)
        session.out.show(found, lambda: _tell_everything(session.out, found))
        return Exit.DONE

    talk(work, url=url, as_json=as_json)


def history(order: OrderId, *, url: Url = None, as_json: AsJsonLines = False) -> None:
    """List what has happened to an order, from the first event to the last."""

    async def work(session: Session) -> Exit:
        after = None
        while True:
            found = await session.ask(operations.EVENTS, id=order, first=_PAGE, after=after)
            if found is None:
                return no_such(session, "order", order)
            for event in found["events"]["nodes"]:
                session.out.event(event)
            page = found["events"]["pageInfo"]
            if not page["hasNextPage"]:
                return Exit.DONE
            after = page["endCursor"]

    talk(work, url=url, as_json=as_json)


def _tell_everything(out: "Output", order: dict[str, Any]) -> None:
    tell_order(out, order)
    address, payment, policy = order["shippingAddress"], order["payment"], order["policy"]
    customer = order["customer"]
    out.say()
    out.facts({
        "Customer": customer and f"{customer['name']} <{customer['email']}> ({customer['id']})",
        "Priority": order["priority"],
        "Ships to": ", ".join(part for part in address.values() if part),
        "Payment": payment and f"{payment['status']} {money(payment['amount'])} ({payment['id']})",
        "Started": local_time(order["createdAt"]),
        "Deadline": local_time(order["deadline"]),
        "Ended": local_time(order["endedAt"]),
        "Policy": ", ".join(
            f"{name} {_NO_LIMIT if value is None else value}" for name, value in policy.items()
        ),
    })
    out.say()
    out.table(
        ("SKU", "Quantity", "Each", "Name"),
        (
            (item["sku"], str(item["quantity"]), money(item["unitPrice"]), item["name"])
            for item in order["items"]
        ),
    )
    if order["workflow"]:
        out.say()
        _tell_workflow(out, order["workflow"])


def _tell_workflow(out: "Output", workflow: dict[str, Any]) -> None:
    out.facts({
        "Workflow": f"{workflow['status']}, run {workflow['runId']}, on {workflow['taskQueue']}",
        "Step": workflow["step"],
        "Held up by": workflow["lastError"],
        "History": f"{workflow['historyLength']} events",
        "Temporal": workflow["uiUrl"],
    })
    if workflow["pendingActivities"]:
        out.say()
        out.table(
            ("Pending activity", "Attempt", "Next attempt", "Last failure"),
            (
                (
                    activity["type"],
                    f"{activity['attempt']} of {activity['maximumAttempts'] or _NO_LIMIT}",
                    local_time(activity["nextAttemptAt"]) or "under way",
                    activity["lastFailure"],
                )
                for activity in workflow["pendingActivities"]
            ),
        )
