"""The tables of commands and settings in the documentation agree with the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from cli.main import app
from cli.service.former_settings import FORMER_NAMES

_DOCS = Path(__file__).parents[2] / "docs"
_CODE = re.compile(r"`(orders [^`]+)`")
_LINK = re.compile(r"\]\(([a-z-]+\.md)(?:#([a-z0-9-]+))?\)")


@pytest.mark.parametrize("document", ["coming-from.md", "troubleshooting.md"])
def test_every_command_and_option_exists(document: str) -> None:
    commands = _CODE.findall((_DOCS / document).read_text())

    assert commands
    for text in commands:
        name, *words = text.removeprefix("orders ").split()
        if name == "COMMAND":
            continue
        command: Any = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
        if hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        known = {option for parameter in command.params for option in parameter.opts}
        if name not in {"psql", "temporal"}:  # these pass their arguments on
            assert {word for word in words if word.startswith("-")} <= known, text


@pytest.mark.parametrize("document", ["coming-from.md", "troubleshooting.md"])
def test_every_link_leads_to_a_heading(document: str) -> None:
    for file, anchor in _LINK.findall((_DOCS / document).read_text()):
        headings = re.findall(r"^#+ (.*)$", (_DOCS / file).read_text(), re.MULTILINE)
        anchors = {re.sub(r"[^a-z0-9 -]", "", text.lower()).replace(" ", "-") for text in headings}
        assert not anchor or anchor in anchors


def test_every_former_name_of_a_setting_has_a_line() -> None:
    lines = (_DOCS / "coming-from.md").read_text().splitlines()

    for name, (replacement, _) in FORMER_NAMES.items():
        [line] = [line for line in lines if f"`{name}" in line]
        assert replacement in line.split("|")[2]
