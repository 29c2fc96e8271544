"""What crosses Temporal's wire is JSON, read by Pydantic into the dataclasses of this package."""

from __future__ import annotations

from typing import Final

from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import CompositePayloadConverter, DataConverter

_CONVERTERS: Final = tuple(PydanticPayloadConverter().converters.values())


class _Payloads(CompositePayloadConverter):
    """Pydantic's converter, with one memory for all.

    The SDK makes a converter for each of a workflow's tasks, and Pydantic's own then learns every
    type anew.
    """

    def __init__(self) -> None:
        super().__init__(*_CONVERTERS)


DATA_CONVERTER: Final = DataConverter(payload_converter_class=_Payloads)
"""For clients, and for replaying histories."""
