"""Writes results to stdout, as tables and colored text or as JSON, and errors to stderr."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from cli.client.formatting import local_time

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping, Sequence

_WIDTH_OF_PIPE = 10_000  # columns; output to a pipe or a file must not be wrapped
_STYLES = {
    "AWAITING_APPROVAL": "yellow",
    "COMPLETED": "green",
    "CANCELLED": "magenta",
    "APPROVAL_TIMEOUT": "red",
    "FAILED": "red",
    "URGENT": "bold red",
    "HIGH": "yellow",
    "CHARGED": "green",
    "DECLINED": "red",
}


class Output:
    """Output of one command. Colors are used on terminals only, and not if NO_COLOR is set."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._out = _console(stderr=False)
        self._err = _console(stderr=True)

    def show(self, value: Any, render: Callable[[], None]) -> None:  # ruff: ignore[any-type] - JSON
        """Write a value as JSON, or call ``render``, which writes it for people."""
        if self.as_json:
            typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2))
        else:
            render()

    def write(self, *parts: str) -> None:
        """Write one line of text. A part that is a known word, such as a state, is colored."""
        self._out.print(Text.assemble(*map(_colored, parts)), soft_wrap=True)

    def fields(self, fields: Mapping[str, str | None]) -> None:
        """Write names and values, one per line. Empty values are skipped."""
        width = max(len(name) for name in fields) + 2
        for name, value in fields.items():
            if value:
                line = Text.assemble((name.ljust(width), "dim"), _colored(value))
                self._out.print(line, soft_wrap=True)

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[str | None]]) -> None:
        """Write a table. On a narrow terminal, only its first and last columns are wrapped."""
        table = Table(box=None, pad_edge=False, header_style="dim")
        for heading in headings:
            inner = heading not in {headings[0], headings[-1]}
            table.add_column(heading, overflow="fold", no_wrap=inner)
        for row in rows:
            table.add_row(*(_colored(cell or "") for cell in row))
        self._out.print(table)

    def event(self, event: Mapping[str, Any]) -> None:
        """Write an event as one line of text or JSON."""
        if self.as_json:
            typer.echo(orjson.dumps(event))
            return
        line = Text.assemble(
            (local_time(event["at"]), "dim"),
            "  ",
            _colored(f"{event['state']:<18}"),
            "  ",
            (f"{event['type']:<23}", "bold"),
            "  ",
            _colored(event["message"]),
        )
        if actor := event["actor"]:
            line.append(f"  by {actor['name'] or actor['id']}", "dim")
        self._out.print(line, soft_wrap=True)

    def rows(
        self,
        headings: Sequence[str],
        nodes: Sequence[dict[str, Any]],
        row: Callable[[dict[str, Any]], Sequence[str]],
    ) -> None:
        """Write one page of a list, as a table or as one line of JSON per node."""
        if not self.as_json:
            self.table(headings, map(row, nodes))
            return
        for node in nodes:
            typer.echo(orjson.dumps(node))

    def warn(self, message: str) -> None:
        self._err.print(Text(_printable(message), "yellow"), soft_wrap=True)

    def error(self, message: str) -> None:
        self._err.print(Text(_printable(message), "red"), soft_wrap=True)

    @contextmanager
    def progress(self, label: str, total: Callable[[], int]) -> Generator[Callable[[], None]]:
        """Show a progress bar, if stderr is a terminal. Yields a function that advances it by one.

        ``total`` is called only if the bar is shown, because it may be slow.
        """
        if not self._err.is_terminal:
            yield lambda: None
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self._err) as bar:
            task = bar.add_task(label, total=total())
            yield lambda: bar.advance(task)


def _colored(value: str) -> Text:
    """Color a value that is a known word, such as a state."""
    return Text(_printable(value), _STYLES.get(value.strip(), ""))


def _printable(text: str) -> str:
    """Replace control characters: untrusted text must not contain escape sequences."""
    return "".join(
        char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal:
        console.width = _WIDTH_OF_PIPE
    return console
