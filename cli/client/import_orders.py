"""``orders import``: many orders from a file, a line each."""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from cli.client.concurrency_limit import ConcurrencyLimit
from cli.client.exit_codes import Exit
from cli.client.import_lines import Import, numbered_lines
from cli.client.options import AsJson, Url
from cli.client.session import Session, talk

_AT_ONCE = 16
_PROBE = "query Probe { __typename }"

_File: TypeAlias = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        exists=True,
        dir_okay=False,
        readable=True,
        help="A StartOrderInput as JSON in each line.",
    ),
]
_Concurrency: TypeAlias = Annotated[
    int,
    typer.Option(min=1, max=256, help="How many are under way at once, if the API takes as many."),
]
_AllowNewIds: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--allow-new-ids",
        help="Start lines without an id too, under a new one: again each time it is run.",
    ),
]


def import_orders(
    file: _File,
    *,
    concurrency: _Concurrency = _AT_ONCE,
    allow_new_ids: _AllowNewIds = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Start many orders from a file, and say what became of its lines.

    Safe to run again: an order that is known with this id and content counts as replayed. So a
    line needs an id of its own, else it is refused.

    Refused and failed lines are told on stderr with their numbers; the others are started all the
    same. While the API is out of reach a line is tried for half a minute; then the import ends,
    and says how many lines were not sent.

    Exit code 0: all started or replayed; 3: some were refused; 1: some failed, or were not sent.
    """

    async def work(session: Session) -> Exit:
        await session.ask(_PROBE)  # with no API there, say so at once
        with ExitStack() as stack:
            lines = numbered_lines(stack.enter_context(file.open("rb")))
            run = Import(session, lines, ConcurrencyLimit(concurrency), allow_new_ids=allow_new_ids)
            stack.callback(_tell, session, run)  # after an interruption too
            advance = stack.enter_context(
                session.out.progress(file.name, lambda: _count_lines(file))
            )
            async with asyncio.TaskGroup() as tasks:
                for _ in range(concurrency):
                    tasks.create_task(run.work(advance))
        return run.exit

    talk(work, url=url, as_json=as_json)


def _count_lines(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for _ in numbered_lines(lines))


def _tell(session: Session, run: Import) -> None:
    counts = {name: count for name, count in run.counts().items() if count or name != "notSent"}
    words = ", ".join(f"{name} {count}" for name, count in counts.items())
    session.out.show(
        {**run.counts(), "problems": run.problems},
        lambda: session.out.say(words.replace("notSent", "not sent")),
    )
