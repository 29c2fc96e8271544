"""Lets ``python -m cli`` run ``orders``. The embedded stack starts its processes this way."""

from cli.main import app

app()
