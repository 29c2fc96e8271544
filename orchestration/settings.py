"""Settings of Temporal, the task queues and the simulated faults, from the environment."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, Field, FilePath, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from orchestration.task_queues import payment_task_queue, recall_task_queue

Rate = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


def _parse_seconds(value: object) -> object:
    """Return a number of seconds as a duration. Other text is left to pydantic."""
    try:
        return timedelta(seconds=float(value)) if isinstance(value, str) else value
    except (ValueError, OverflowError):
        return value


Delay = Annotated[
    timedelta,
    Field(ge=timedelta(), le=timedelta(minutes=1)),
    BeforeValidator(_parse_seconds),
]


_Value = TypeVar("_Value", float, timedelta)


class OrchestrationSettings(BaseSettings):
    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore")

    temporal_address: Annotated[str, Field(pattern=r"^[^:\s]+:\d{1,5}$")] = "127.0.0.1:7233"
    temporal_namespace: Name = "default"
    temporal_api_key: SecretStr | None = None
    temporal_tls: bool = False
    temporal_tls_server_root_ca_cert: FilePath | None = None
    temporal_tls_client_cert: FilePath | None = None
    temporal_tls_client_key: FilePath | None = None
    temporal_ui_url: str | None = None
    order_task_queue: Name = "order-tq"
    shipping_task_queue: Name = "shipping-tq"
    index_customer_names: bool = True
    environment: Literal["development", "production"] = "development"
    fault_error_rate: Rate = 0
    fault_hang_rate: Rate = 0
    fault_record: bool = False
    fault_seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    payment_processing_delay: Delay = timedelta()
    shipping_delay: Delay = timedelta()

    @field_validator("shipping_task_queue")
    @classmethod
    def _queues_differ(cls, name: str, info: ValidationInfo) -> str:
        order = info.data.get("order_task_queue", "")
        if name in {order, payment_task_queue(order), recall_task_queue(order)}:
            raise ValueError("must differ from the queues of the order worker")
        return name

    @field_validator(
        "fault_error_rate", "fault_hang_rate", "payment_processing_delay", "shipping_delay"
    )
    @classmethod
    def _no_faults_in_production(cls, value: _Value, info: ValidationInfo) -> _Value:
        if value and info.data.get("environment") == "production":
            raise ValueError("must be 0 in production, because it is a simulation")
        return value

    @field_validator("fault_hang_rate")
    @classmethod
    def _rates_within_one(cls, rate: float, info: ValidationInfo) -> float:
        if rate + info.data.get("fault_error_rate", 0) > 1:
            raise ValueError("must not exceed 1 when added to FAULT_ERROR_RATE")
        return rate
