"""What a command writes: tables and colour for people, JSON for programs, errors on stderr."""

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

_BOUNDLESS = 10_000  # columns, where there is no terminal to fit into: a file wants whole ids
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
    """Writes to stdout for one of both readers, and to stderr for whoever watches."""

    def __init__(self, *, as_json: bool) -> None:
        """Colour is for terminals alone, and NO_COLOR is respected."""
        self.as_json = as_json
        self._out = _console(stderr=False)
        self._err = _console(stderr=True)

    def show(self, document: Any, tell: Callable[[], None]) -> None:  # ruff: ignore[any-type] - JSON
        """Write a document as JSON, or tell people of it."""
        if self.as_json:
            typer.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))
        else:
            tell()

    def say(self, *words: str) -> None:
        """Write a line for people, words with a colour of their own in it."""
        self._out.print(Text.assemble(*map(_coloured, words)), soft_wrap=True)

    def facts(self, facts: Mapping[str, str | None]) -> None:
        """Write what there is of these facts, one a line, under their names."""
        width = max(len(name) for name in facts) + 2
        for name, value in facts.items():
            if value:
                line = Text.assemble((name.ljust(width), "dim"), _coloured(value))
                self._out.print(line, soft_wrap=True)

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[str | None]]) -> None:
        """Write a table; on a narrow terminal its first and its last column are folded."""
        table = Table(box=None, pad_edge=False, header_style="dim")
        for heading in headings:
            between = heading not in {headings[0], headings[-1]}
            table.add_column(heading, overflow="fold", no_wrap=between)
        for row in rows:
            table.add_row(*(_coloured(cell or "") for cell in row))
        self._out.print(table)

    def event(self, event: Mapping[str, Any]) -> None:
        """Write an event: a line of a timeline, or of JSON."""
        if self.as_json:
            typer.echo(orjson.dumps(event))
            return
        line = Text.assemble(
            (local_time(event["at"]), "dim"),
            "  ",
            _coloured(f"{event['state']:<18}"),
            "  ",
            (f"{event['type']:<23}", "bold"),
            "  ",
            _coloured(event["message"]),
        )
        self._out.print(line, soft_wrap=True)

    def rows(
        self,
        headings: Sequence[str],
        documents: Sequence[dict[str, Any]],
        row: Callable[[dict[str, Any]], Sequence[str]],
    ) -> None:
        """Write a part of a list: rows of a table, or lines of JSON."""
        if not self.as_json:
            self.table(headings, map(row, documents))
            return
        for document in documents:
            typer.echo(orjson.dumps(document))

    def warn(self, message: str) -> None:
        """Say on stderr what somebody should know."""
        self._err.print(Text(_printable(message), "yellow"), soft_wrap=True)

    def error(self, message: str) -> None:
        """Say on stderr what went wrong."""
        self._err.print(Text(_printable(message), "red"), soft_wrap=True)

    @contextmanager
    def progress(self, what: str, total: Callable[[], int]) -> Generator[Callable[[], None]]:
        """Show a bar on a terminal; yield what moves it on by one. ``total`` may take a moment."""
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
            task = bar.add_task(what, total=total())
            yield lambda: bar.advance(task)


def _coloured(value: str) -> Text:
    """Return a value in the colour that its word has, wherever it stands."""
    return Text(_printable(value), _STYLES.get(value.strip(), ""))


def _printable(text: str) -> str:
    """Return a text that cannot command a terminal: it may be anybody's."""
    return "".join(
        one if one.isprintable() or one == "\n" else "\N{REPLACEMENT CHARACTER}" for one in text
    )


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal:
        console.width = _BOUNDLESS
    return console
