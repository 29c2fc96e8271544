"""Trusted documents, identified by the SHA-256 of their text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gql.documents.manifest import digest
from gql.errors import ErrorCode, RequestError, bad_input

if TYPE_CHECKING:
    from collections.abc import ItemsView, Mapping

_PREFIX = "sha256:"


class TrustedDocuments:
    def __init__(self, text_by_hash: Mapping[str, str]) -> None:
        self._text_by_hash = text_by_hash

    def __contains__(self, text: str) -> bool:
        return digest(text) in self._text_by_hash

    def items(self) -> ItemsView[str, str]:
        """Return pairs of hash and text."""
        return self._text_by_hash.items()

    def find(self, request: Mapping[str, Any], query: str | None) -> str | None:
        """Return the request's own text, or the trusted text that it names by hash.

        Raises RequestError if the hash is malformed, unknown, or not that of ``query``.
        """
        requested_hash = _hash_in(request)
        if requested_hash is None:
            return query
        if query is not None:
            if digest(query) != requested_hash:
                raise bad_input("The hash is not that of the query. Send one of the two.")
            return query
        text = self._text_by_hash.get(requested_hash)
        if text is None:
            # Clients of automatic persisted queries react to this code by sending the document.
            raise RequestError(
                ErrorCode.PERSISTED_QUERY_NOT_FOUND,
                "No trusted document has this hash. Send the document itself.",
            )
        return text


def _hash_in(request: Mapping[str, Any]) -> str | None:
    """Read the hash from ``documentId``, or from Apollo's ``extensions.persistedQuery``."""
    value = request.get("documentId")
    if value is None:
        extensions = request.get("extensions")
        persisted = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
        if persisted is None:
            return None
        value = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
        if not isinstance(value, str):
            raise bad_input("extensions.persistedQuery must have a string sha256Hash.")
    if not isinstance(value, str):
        raise bad_input("documentId must be a string.")
    return value.removeprefix(_PREFIX)
