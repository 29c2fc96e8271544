"""Random operations that schemathesis generates from the schema all get a well-formed response."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import schemathesis
from hypothesis import given
from hypothesis import strategies as st

from gql.schema import schema
from tests.api.fuzzing import FUZZED, in_time, is_answer

if TYPE_CHECKING:
    from tests.support.api_client import ApiClient

# Valid and invalid values.
_SCALARS = {
    "DateTime": ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.123456+05:30", "2026", "yesterday"],
    "Decimal": ["1.00", "249.90", "-1", "1e3", "NaN", "99999999999999999999"],
    "Duration": ["PT5S", "P1D", "PT0S", "P1Y", "5"],
    "JSON": ["x"],
}
for _name, _values in _SCALARS.items():
    schemathesis.graphql.scalar(
        _name, st.sampled_from(_values).map(schemathesis.graphql.nodes.String)
    )

OPERATIONS = [
    found.ok()  # type: ignore[union-attr] # all of them are
    for found in schemathesis.graphql.from_file(schema.as_str()).get_all_operations()
]


def test_every_query_and_mutation_is_generated() -> None:
    roots = schema.graphql_schema.query_type, schema.graphql_schema.mutation_type
    names = {f"{root.name}.{field}" for root in roots if root for field in root.fields}
    assert {operation.label for operation in OPERATIONS} == names


@FUZZED
@given(case=st.one_of([operation.as_strategy() for operation in OPERATIONS]))
async def test_every_generated_operation_gets_a_well_formed_response(
    api: ApiClient, case: schemathesis.Case[Any]
) -> None:
    query = str(case.body)
    response = await in_time(api.http.post("/graphql", json={"query": query}))
    is_answer(response, query)
