"""The API's settings, read from the environment. All invalid settings are reported together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gql.access.principal import STAFF_SCOPES
from gql.access.settings import AccessSettings, RateLimit, SignIn
from gql.documents.manifest import read_manifest
from gql.duration import parse_duration
from orchestration.domain.order import Policy, ReviewMode
from orchestration.domain.validation import policy_problems


def _parse_seconds(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


def _parse_none(value: object) -> object:
    return None if value == "none" else value


def _split_list(value: object) -> object:
    return value.replace(",", " ").split() if isinstance(value, str) else value


_PRODUCTION_RATE = 100_000
_PRODUCTION_STREAMS = 1_000
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}

Seconds = Annotated[float, BeforeValidator(_parse_seconds)]
OptionalSeconds = Annotated[Seconds | None, BeforeValidator(_parse_none)]
OptionalCount = Annotated[int | None, BeforeValidator(_parse_none)]


class ApiSettings(BaseSettings):
    """Durations are ISO 8601, such as "PT5M". ``none`` means no limit or no wait.

    The policy settings are defaults for fields that an order's policy omits. They are resolved when
    the order starts, so changing a setting does not affect running orders.
    """

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore")

    environment: Literal["development", "production"] = "development"
    port: int = Field(default=8000, ge=0, le=65535)
    playground: bool | None = Field(
        default=None, description="On in development and off in production, unless set."
    )
    allowed_origins: Annotated[list[str], NoDecode, BeforeValidator(_split_list)] = Field(
        default_factory=list, description="Other origins whose pages may use the API."
    )
    max_connections: int = Field(
        default=5000, ge=1, le=100_000, description="WebSockets and event streams per process."
    )
    max_subscriptions: int = Field(
        default=100, ge=1, le=10_000, description="Concurrent operations per WebSocket."
    )

    auth_issuer: str | None = Field(
        default=None, description="OpenID Connect issuer whose access tokens are accepted."
    )
    auth_audience: str | None = Field(
        default=None, description="Audience that an access token must have: this API."
    )
    auth_client_id: str | None = Field(
        default=None,
        description="Public client of the issuer, as which the dashboard signs people in.",
    )
    auth_client_scopes: str | None = Field(
        default=None,
        description="Scopes that the dashboard requests, separated by spaces. By default openid,"
        " profile, offline_access and all scopes of staff.",
    )
    auth_customer_claim: str = Field(
        default="customer_id", description="Claim with the customer of a token with orders:own."
    )

    rate_limit: OptionalCount = Field(
        default=None,
        ge=1,
        le=100_000_000,
        description="Cost points per second and caller. 100000 in production, none in development,"
        " unless set.",
    )
    rate_limit_burst: int = Field(
        default=1_000_000,
        ge=1,
        le=1_000_000_000,
        description="Points that a caller can save up. At least MAX_QUERY_COST.",
    )
    max_streams_per_caller: OptionalCount = Field(
        default=None,
        ge=1,
        le=100_000,
        description="Streams and WebSockets. 1000 in production and none in development, unless"
        " set.",
    )

    max_query_depth: int = Field(default=16, ge=1, le=100, description="Levels of nested fields.")
    max_query_aliases: int = Field(
        default=30, ge=0, le=10_000, description="Aliased or repeated fields."
    )
    max_query_directives: int = Field(
        default=30, ge=0, le=10_000, description="Directives, such as @skip."
    )
    max_query_cost: int = Field(
        default=100_000, ge=1, le=10_000_000, description="Cost in points, see docs/api.md."
    )
    max_query_tokens: int = Field(
        default=1_000, ge=1, le=100_000, description="Lexical tokens of a document."
    )
    max_query_length: int = Field(
        default=65_536, ge=1, le=10_000_000, description="Characters of a document."
    )
    max_body_bytes: int = Field(
        default=262_144,
        ge=1,
        le=10_000_000,
        description="Size of a request body or WebSocket message.",
    )
    max_requests: int = Field(
        default=128, ge=1, le=10_000, description="Concurrent queries and mutations per process."
    )
    request_timeout: Seconds = Field(
        default=20.0, gt=0, le=3600, description="Time limit of a query or mutation."
    )
    introspection: bool | None = Field(
        default=None, description="On in development and off in production, unless set."
    )
    trusted_documents: Path | None = Field(
        default=None, description="Manifest file of documents by their SHA-256."
    )
    trusted_documents_only: bool = Field(default=False, description="Reject all other documents.")

    review_mode: ReviewMode = ReviewMode.MANUAL
    review_timeout: OptionalSeconds = 300.0
    order_deadline: OptionalSeconds = None
    activity_timeout: Seconds = 10.0
    activity_total_timeout: OptionalSeconds = None
    activity_attempts: OptionalCount = None
    activity_retry_delay: Seconds = 1.0
    activity_retry_backoff: float = 2.0
    activity_max_retry_delay: OptionalSeconds = None
    shipping_attempts: int = 3
    shipping_retry_delay: Seconds = 2.0
    shipping_retry_backoff: float = 1.0
    delivery_timeout: OptionalSeconds = None

    @property
    def default_policy(self) -> dict[str, Any]:
        """Defaults by the field names of Policy."""
        names = Policy.__dataclass_fields__
        return {name: getattr(self, _SETTING_NAMES.get(name, name)) for name in names}

    @property
    def access(self) -> AccessSettings:
        return AccessSettings(
            issuer=self.auth_issuer,
            audience=self.auth_audience,
            customer_claim=self.auth_customer_claim,
            is_production=self.environment == "production",
        )

    @property
    def sign_in(self) -> SignIn | None:
        """How the dashboard signs people in. None if it does not."""
        if self.auth_issuer is None or self.auth_client_id is None:
            return None
        default = " ".join(["openid", "profile", "offline_access", *sorted(STAFF_SCOPES)])
        scopes = self.auth_client_scopes or default
        return SignIn(self.auth_issuer, self.auth_client_id, scopes, self.auth_audience)

    @property
    def rate(self) -> RateLimit | None:
        points = self._unless_set("rate_limit", _PRODUCTION_RATE)
        return None if points is None else RateLimit(points, self.rate_limit_burst)

    @property
    def streams_per_caller(self) -> int | None:
        return self._unless_set("max_streams_per_caller", _PRODUCTION_STREAMS)

    def _unless_set(self, name: str, in_production: int) -> int | None:
        """Return a setting that is a number in production and none in development, unless set."""
        if name in self.model_fields_set or self.environment == "development":
            value: int | None = getattr(self, name)
            return value
        return in_production

    @property
    def shows_playground(self) -> bool:
        if self.playground is None:
            return self.environment == "development"
        return self.playground

    @property
    def allows_introspection(self) -> bool:
        """Whether clients may read the schema and error messages may suggest names from it."""
        if self.introspection is None:
            return self.environment == "development"
        return self.introspection

    @model_validator(mode="after")
    def _check_burst(self) -> Self:
        if self.rate is not None and self.rate_limit_burst < self.max_query_cost:
            raise ValueError("RATE_LIMIT_BURST must not be less than MAX_QUERY_COST")
        return self

    @field_validator("auth_issuer")
    @classmethod
    def _check_issuer(cls, value: str | None) -> str | None:
        if value is not None:
            url = urlsplit(value)
            if not url.hostname or "@" in url.netloc or url.query or url.fragment:
                raise ValueError("must be a URL such as https://login.example.com/realms/shop")
            if url.scheme != "https" and not (url.scheme == "http" and url.hostname in _LOOPBACK):
                raise ValueError("must begin with https:// unless it is on this machine")
        return value

    @model_validator(mode="after")
    def _check_audience(self) -> Self:
        if (self.auth_issuer is None) != (self.auth_audience is None):
            raise ValueError("AUTH_ISSUER and AUTH_AUDIENCE must be set together")
        if self.auth_client_id is not None and self.auth_issuer is None:
            raise ValueError("AUTH_CLIENT_ID requires AUTH_ISSUER")
        return self

    @field_validator("trusted_documents")
    @classmethod
    def _check_manifest(cls, path: Path | None) -> Path | None:
        if path is not None:
            read_manifest(path)
        return path

    @model_validator(mode="after")
    def _check_trusted_documents_only(self) -> Self:
        if self.trusted_documents_only and self.trusted_documents is None:
            raise ValueError("TRUSTED_DOCUMENTS_ONLY requires TRUSTED_DOCUMENTS")
        return self

    @model_validator(mode="after")
    def _check_default_policy(self) -> Self:
        problems = policy_problems(Policy(**self.default_policy))
        if problems:
            raise ValueError(
                "; ".join(
                    f"{_SETTING_NAMES.get(problem.path[-1], problem.path[-1]).upper()}"
                    f" {problem.message}"
                    for problem in problems
                )
            )
        return self


_SETTING_NAMES = {"deadline": "order_deadline"}
"""Settings that differ in name from the field of Policy."""
