"""The API's settings, from the environment: every wrong one is named at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gql.documents.manifest import read_manifest
from gql.duration import parse_duration
from orchestration.domain.order import Policy, ReviewMode
from orchestration.domain.validation import policy_problems


def _seconds(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


def _unless_none(value: object) -> object:
    return None if value == "none" else value


def _words(value: object) -> object:
    return value.replace(",", " ").split() if isinstance(value, str) else value


Seconds = Annotated[float, BeforeValidator(_seconds)]
OptionalSeconds = Annotated[Seconds | None, BeforeValidator(_unless_none)]
OptionalCount = Annotated[int | None, BeforeValidator(_unless_none)]


class ApiSettings(BaseSettings):
    """Lengths of time are ISO 8601 ("PT5M"); ``none`` stands for no limit, or no wait.

    The policy settings are what an order gets where its own policy leaves a field out. They are
    resolved when it starts, so a changed setting changes no order that runs.
    """

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore")

    environment: Literal["development", "production"] = "development"
    port: int = Field(default=8000, ge=0, le=65535)
    playground: bool | None = Field(
        default=None, description="Left out: on in development, off in production."
    )
    allowed_origins: Annotated[list[str], NoDecode, BeforeValidator(_words)] = Field(
        default_factory=list, description="Origins of pages elsewhere that may use the API."
    )
    max_connections: int = Field(
        default=5000, ge=1, description="Streams' connections that one process keeps open."
    )
    max_subscriptions: int = Field(
        default=100, ge=1, description="Operations under way over one WebSocket."
    )

    max_query_depth: int = Field(default=16, ge=1, description="Fields within fields.")
    max_query_aliases: int = Field(
        default=30, ge=0, description="Fields with an alias, or asked for twice."
    )
    max_query_directives: int = Field(default=30, ge=0, description="Such as @skip.")
    max_query_cost: int = Field(
        default=20_000, ge=1, description="Values that an answer may have, pages multiplied out."
    )
    max_query_tokens: int = Field(default=1_000, ge=1, description="Words and signs of a document.")
    max_query_length: int = Field(default=65_536, ge=1, description="Its characters.")
    max_body_bytes: int = Field(
        default=262_144, ge=1, description="Of a request's body, or a WebSocket's message."
    )
    max_requests: int = Field(
        default=128, ge=1, description="Queries and mutations under way in one process."
    )
    request_timeout: Seconds = Field(
        default=20.0, gt=0, description="How long a query or mutation may take."
    )
    introspection: bool | None = Field(
        default=None, description="Left out: on in development, off in production."
    )
    trusted_documents: Path | None = Field(
        default=None, description="A file of documents by their SHA-256."
    )
    trusted_documents_only: bool = Field(
        default=False, description="Whether these alone are executed."
    )

    review_mode: ReviewMode = ReviewMode.MANUAL
    review_timeout: OptionalSeconds = 300.0
    order_deadline: OptionalSeconds = None
    activity_timeout: Seconds = 10.0
    activity_attempts: OptionalCount = None
    activity_retry_delay: Seconds = 1.0
    activity_retry_backoff: float = 2.0
    shipping_attempts: int = 3
    shipping_retry_delay: Seconds = 2.0
    shipping_retry_backoff: float = 1.0
    delivery_timeout: OptionalSeconds = None

    @property
    def default_policy(self) -> dict[str, Any]:
        """What fills a policy's gaps, under the names of Policy."""
        names = Policy.__dataclass_fields__
        return {name: getattr(self, _SETTING_OF.get(name, name)) for name in names}

    @property
    def shows_playground(self) -> bool:
        """Whether GET /graphql answers a browser with a page."""
        if self.playground is None:
            return self.environment == "development"
        return self.playground

    @property
    def allows_introspection(self) -> bool:
        """Whether clients may ask for the schema, and errors suggest names of it."""
        if self.introspection is None:
            return self.environment == "development"
        return self.introspection

    @field_validator("trusted_documents")
    @classmethod
    def _is_a_manifest(cls, path: Path | None) -> Path | None:
        if path is not None:
            read_manifest(path)
        return path

    @model_validator(mode="after")
    def _what_is_trusted_is_known(self) -> Self:
        if self.trusted_documents_only and self.trusted_documents is None:
            raise ValueError("TRUSTED_DOCUMENTS_ONLY needs TRUSTED_DOCUMENTS")
        return self

    @model_validator(mode="after")
    def _policy_is_sound(self) -> Self:
        problems = policy_problems(Policy(**self.default_policy))
        if problems:
            raise ValueError(
                "; ".join(
                    f"{_SETTING_OF.get(problem.path[-1], problem.path[-1]).upper()}"
                    f" {problem.message}"
                    for problem in problems
                )
            )
        return self


_SETTING_OF = {"deadline": "order_deadline"}
