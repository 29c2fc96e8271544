"""``python -m cli`` is ``orders``: what the stack starts its children with."""

from cli.main import app

app()
