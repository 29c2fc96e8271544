"""Puts the commands that are a client of the API under the names that people type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.client import commands, listing, orders, watching
from cli.client.customers import customer
from cli.client.importing import import_orders
from cli.client.start import start

if TYPE_CHECKING:
    from collections.abc import Callable

    import typer

_PANEL = "Orders, through the API"
_COMMANDS: dict[str, Callable[..., None]] = {
    "start": start,
    "approve": commands.approve,
    "cancel": commands.cancel,
    "update-address": commands.update_address,
    "cancel-payment": commands.cancel_payment,
    "confirm-delivery": commands.confirm_delivery,
    "status": orders.status,
    "describe": orders.describe,
    "history": orders.history,
    "list": listing.list_orders,
    "watch": watching.watch,
    "wait": watching.wait,
    "import": import_orders,
}


def add_client_commands(app: typer.Typer) -> None:
    """Add all of them, in a panel of their own."""
    for name, command in _COMMANDS.items():
        app.command(name, rich_help_panel=_PANEL)(command)
    app.add_typer(customer, name="customer", rich_help_panel=_PANEL)
