"""Options and arguments that several commands have."""

from typing import Annotated, TypeAlias

import typer

Url: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--url",
        help="The API's address, with or without /graphql; else ORDERS_URL, in the environment"
        " or in .env.",
        show_default=False,
    ),
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")]
AsJsonLines: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Write a line of JSON each, for programs.")
]

OrderId: TypeAlias = Annotated[str, typer.Argument(metavar="ORDER", help="The order's id.")]
CustomerId: TypeAlias = Annotated[
    str, typer.Argument(metavar="CUSTOMER", help="The customer's id.")
]
CommandId: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="Yours to choose, so that a retry is safe; made here and printed where left out.",
        show_default=False,
    ),
]
WaitFor: TypeAlias = Annotated[
    float | None,
    typer.Option(
        "--wait",
        metavar="SECONDS",
        min=0,
        help="Where no worker is there to act on it, wait so long for the verdict; exit 6 after.",
        show_default=False,
    ),
]
Limit: TypeAlias = Annotated[int, typer.Option(min=1, help="How many at most.")]
All: TypeAlias = Annotated[bool, typer.Option("--all", help="All of them, page by page.")]

Street: TypeAlias = Annotated[
    str | None, typer.Option(help="Street and number.", show_default=False)
]
City: TypeAlias = Annotated[str | None, typer.Option(help="City or town.", show_default=False)]
Region: TypeAlias = Annotated[
    str | None, typer.Option(help="State, province or county.", show_default=False)
]
PostalCode: TypeAlias = Annotated[str | None, typer.Option(show_default=False)]
Country: TypeAlias = Annotated[
    str | None, typer.Option(help="ISO 3166 alpha-2; US where left out.", show_default=False)
]
