"""The API with graphql-core's executor in place of the project's own: a reference."""

from __future__ import annotations

from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

import gql.schema
from cli.main import app

if __name__ == "__main__":
    vars(gql.schema)["FastPathExecutor"] = StrawberryGraphQLCoreExecutionContext
    app(["api"])
