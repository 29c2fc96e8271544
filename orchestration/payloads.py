"""Payload conversion: JSON on the wire, parsed by Pydantic into this package's dataclasses."""

from __future__ import annotations

from typing import Final

from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import CompositePayloadConverter, DataConverter

_CONVERTERS: Final = tuple(PydanticPayloadConverter().converters.values())


class _Payloads(CompositePayloadConverter):
    """Pydantic's converters, shared by all instances.

    The SDK creates a converter per workflow task. With Pydantic's own class, each one would build
    its type adapters again.
    """

    def __init__(self) -> None:
        super().__init__(*_CONVERTERS)


DATA_CONVERTER: Final = DataConverter(payload_converter_class=_Payloads)
"""The data converter of clients and replayers."""
