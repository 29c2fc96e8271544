"""Adds the commands that call the API to the ``orders`` app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import typer

from cli.client import customers, order_commands, order_queries, watch_order
from cli.client.import_orders import import_orders
from cli.client.list_events import list_events
from cli.client.list_orders import list_orders
from cli.client.list_workflows import list_workflows
from cli.client.session import as_command
from cli.client.start_order import start

if TYPE_CHECKING:
    from cli.client.session import Operation

_ORDERS: Final[dict[str, Operation]] = {
    "start": start,
    "approve": order_commands.approve,
    "reject": order_commands.reject,
    "cancel": order_commands.cancel,
    "update-address": order_commands.update_address,
    "cancel-payment": order_commands.cancel_payment,
    "confirm-delivery": order_commands.confirm_delivery,
    "status": order_queries.status,
    "describe": order_queries.describe,
    "history": order_queries.history,
    "list": list_orders,
    "events": list_events,
    "workflows": list_workflows,
    "watch": watch_order.watch,
    "wait": watch_order.wait,
    "import": import_orders,
}
_CUSTOMERS: Final[dict[str, Operation]] = {
    "create": customers.create,
    "update": customers.update,
    "show": customers.show,
    "list": customers.list_customers,
    "delete": customers.delete,
}
_PANEL = "Orders and customers (through the API)"


def add_client_commands(app: typer.Typer) -> None:
    for name, operation in _ORDERS.items():
        app.command(name, rich_help_panel=_PANEL)(as_command(operation))
    customer = typer.Typer(
        help="Create, update, show, list and delete customers.", no_args_is_help=True
    )
    for name, operation in _CUSTOMERS.items():
        customer.command(name)(as_command(operation))
    app.add_typer(customer, name="customer", rich_help_panel=_PANEL)
