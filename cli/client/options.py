"""Options and arguments shared by several commands."""

from typing import Annotated, Any, TypeAlias

import typer


def new_id(*names: str) -> Any:  # ruff: ignore[any-type] - as typer declares it
    """Return an option for an ID that the client may choose."""
    return typer.Option(
        *names,
        help="An ID of your choice, which makes retries safe. Generated and printed if omitted.",
        show_default=False,
    )


Url: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--url",
        help="Address of the API, with or without /graphql. Defaults to ORDERS_URL from the"
        " environment or .env.",
        show_default=False,
    ),
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Write JSON.")]

OrderId: TypeAlias = Annotated[str, typer.Argument(metavar="ORDER", help="ID of the order.")]
CustomerId: TypeAlias = Annotated[
    str, typer.Argument(metavar="CUSTOMER", help="ID of the customer.")
]
CommandId: TypeAlias = Annotated[str | None, new_id()]
WaitFor: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--wait",
        metavar="SECONDS",
        min=0,
        help="If no worker is available, wait up to this long for the outcome, then exit with 6.",
        show_default=False,
    ),
]
Limit: TypeAlias = Annotated[int, typer.Option(min=1, help="Maximum number of results.")]
All: TypeAlias = Annotated[bool, typer.Option("--all", help="List all results, without a limit.")]
Count: TypeAlias = Annotated[
    bool, typer.Option("--count", help="Print only the number of results.")
]

Street: TypeAlias = Annotated[
    str | None, typer.Option(help="Street and number.", show_default=False)
]
City: TypeAlias = Annotated[str | None, typer.Option(help="City or town.", show_default=False)]
Region: TypeAlias = Annotated[
    str | None, typer.Option(help="State, province or county.", show_default=False)
]
PostalCode: TypeAlias = Annotated[str | None, typer.Option(show_default=False)]
Country: TypeAlias = Annotated[
    str | None, typer.Option(help="ISO 3166 alpha-2 code, such as US.", show_default=False)
]
