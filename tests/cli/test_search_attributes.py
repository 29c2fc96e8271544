"""A namespace in which a search attribute has another type than orders need."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.service import RPCError

from orchestration.search_attributes import PRIORITY
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from temporalio.client import Client

_DAY = 86_400  # seconds


@pytest.fixture
async def mistyped(temporal_client: Client) -> str:
    """A namespace in which the Priority attribute is a number."""
    namespace = f"mistyped-{uuid4().hex[:8]}"
    await temporal_client.workflow_service.register_namespace(
        RegisterNamespaceRequest(
            namespace=namespace, workflow_execution_retention_period=Duration(seconds=_DAY)
        )
    )
    request = AddSearchAttributesRequest(
        namespace=namespace,
        search_attributes={PRIORITY.name: IndexedValueType.INDEXED_VALUE_TYPE_INT},
    )

    async def add_attribute() -> bool:
        try:
            await temporal_client.operator_service.add_search_attributes(request)
        except RPCError:  # the new namespace is not in the server's cache yet
            return False
        return True

    await wait_until(add_attribute, interval=0.1)
    return namespace


@pytest.mark.parametrize(
    "command", [["search-attributes"], ["worker", "--queue", "order"]], ids=" ".join
)
async def test_a_search_attribute_of_the_wrong_type_is_reported_in_one_line(
    mistyped: str, temporal_address: str, database_url: str, command: list[str]
) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli", *command),
        stderr=asyncio.subprocess.PIPE,
        env={
            "DATABASE_URL": database_url,
            "TEMPORAL_ADDRESS": temporal_address,
            "TEMPORAL_NAMESPACE": mistyped,
        },
    )
    _, written = await process.communicate()
    *logged, message = written.decode().splitlines()
    assert process.returncode == 1
    assert message.startswith("Search attribute Priority has type Int instead of Keyword.")
    assert all(line.startswith("{") for line in logged)
