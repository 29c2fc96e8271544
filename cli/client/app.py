"""Puts the commands that are a client of the API under the names that people type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.client import list_orders, order_commands, order_queries, watch_order
from cli.client.customers import customer
from cli.client.import_orders import import_orders
from cli.client.start_order import start

if TYPE_CHECKING:
    from collections.abc import Callable

    import typer

_PANEL = "Orders, through the API"
_COMMANDS: dict[str, Callable[..., None]] = {
    "start": start,
    "approve": order_commands.approve,
    "cancel": order_commands.cancel,
    "update-address": order_commands.update_address,
    "cancel-payment": order_commands.cancel_payment,
    "confirm-delivery": order_commands.confirm_delivery,
    "status": order_queries.status,
    "describe": order_queries.describe,
    "history": order_queries.history,
    "list": list_orders.list_orders,
    "watch": watch_order.watch,
    "wait": watch_order.wait,
    "import": import_orders,
}


def add_client_commands(app: typer.Typer) -> None:
    """Add all of them, in a panel of their own."""
    for name, command in _COMMANDS.items():
        app.command(name, rich_help_panel=_PANEL)(command)
    app.add_typer(customer, name="customer", rich_help_panel=_PANEL)
