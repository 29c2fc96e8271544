"""The principal as the actor of a command, which its event keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.domain.order import Actor, ActorKind
from orchestration.domain.validation import ACTOR_LENGTH

if TYPE_CHECKING:
    from gql.access.principal import Principal


def actor_of(principal: Principal) -> Actor:
    """Return the actor. Texts of a token are shortened, and lose what cannot be printed."""
    return Actor(
        _printable(principal.id) or "?",
        ActorKind(principal.kind),
        _printable(principal.name or "") or None,
    )


def _printable(text: str) -> str:
    kept = "".join(character for character in text if character.isprintable())
    return kept.strip()[:ACTOR_LENGTH]
