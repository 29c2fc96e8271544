"""``orders import`` starts an order per line of a file."""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from cli.client.concurrency_limit import ConcurrencyLimit
from cli.client.exit_codes import ExitCode
from cli.client.import_lines import Import, numbered_lines
from cli.client.session import Session

_DEFAULT_CONCURRENCY = 16
_PROBE = "query Probe { __typename }"

_File: TypeAlias = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        exists=True,
        dir_okay=False,
        readable=True,
        help="A file with one JSON StartOrderInput per line.",
    ),
]
_Concurrency: TypeAlias = Annotated[
    int,
    typer.Option(
        min=1, max=256, help="Maximum number of concurrent requests. Reduced if the API is busy."
    ),
]
_AllowNewIds: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--allow-new-ids",
        help="Generate an ID for lines that have none. Each run then starts these orders again.",
    ),
]


async def import_orders(
    session: Session,
    file: _File,
    *,
    concurrency: _Concurrency = _DEFAULT_CONCURRENCY,
    allow_new_ids: _AllowNewIds = False,
) -> ExitCode:
    """Start many orders from a file.

    Repeating an import is safe: an order that was already started with the same content counts as
    replayed. For this, every line needs an ID; a line without one is refused.

    Refused and failed lines are reported on stderr with their line numbers, and do not stop the
    import. If the API is unavailable, a line is retried for 30 seconds. Then the import stops and
    reports how many lines were not sent.

    Exit codes: 0 if all orders were started or replayed, 3 if some were refused, 1 if some failed
    or were not sent.
    """
    await session.query(_PROBE)  # fails before any line is read if the API is unavailable
    with ExitStack() as stack:
        lines = numbered_lines(stack.enter_context(file.open("rb")))
        run = Import(session, lines, ConcurrencyLimit(concurrency), allow_new_ids=allow_new_ids)
        stack.callback(_report, session, run)  # also after Ctrl-C
        advance = stack.enter_context(session.out.progress(file.name, lambda: _count_lines(file)))
        async with asyncio.TaskGroup() as tasks:
            for _ in range(concurrency):
                tasks.create_task(run.process_lines(advance))
    return run.exit_code


def _count_lines(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for _ in numbered_lines(lines))


def _report(session: Session, run: Import) -> None:
    counts = {name: count for name, count in run.counts().items() if count or name != "notSent"}
    text = ", ".join(f"{name} {count}" for name, count in counts.items())
    session.out.show(
        {**run.counts(), "problems": run.problems},
        lambda: session.out.write(text.replace("notSent", "not sent")),
    )
