"""The documents that an operator vouches for, known by the SHA-256 of their text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gql.documents.manifest import digest
from gql.errors import ErrorCode, RequestError, bad_input

if TYPE_CHECKING:
    from collections.abc import ItemsView, Mapping

_PREFIX = "sha256:"


class TrustedDocuments:
    """Looks documents up, and says whether a text is one of them."""

    def __init__(self, documents: Mapping[str, str]) -> None:
        """Trust these: texts by their hashes, as ``read_manifest`` returns them."""
        self._documents = documents

    def __contains__(self, text: str) -> bool:
        """Whether this very text is trusted."""
        return digest(text) in self._documents

    def items(self) -> ItemsView[str, str]:
        """Return the texts by their hashes."""
        return self._documents.items()

    def find(self, request: Mapping[str, Any], query: str | None) -> str | None:
        """Return the text that a request stands for: its own, or the one that it names.

        Raises RequestError for a name that is wrong, unknown, or another text's.
        """
        name = _name_in(request)
        if name is None:
            return query
        if query is not None:
            if digest(query) != name:
                raise bad_input("The document is not the one that its hash names.")
            return query
        known = self._documents.get(name)
        if known is None:
            # Clients that know this code send the whole document next.
            raise RequestError(
                ErrorCode.PERSISTED_QUERY_NOT_FOUND,
                "No trusted document has this hash. Send the document itself.",
            )
        return known


def _name_in(request: Mapping[str, Any]) -> str | None:
    """Return the hash that a request names a document by, as the one protocol or the other does."""
    name = request.get("documentId")
    if name is None:
        extensions = request.get("extensions")
        persisted = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
        if persisted is None:
            return None
        name = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
        if not isinstance(name, str):
            raise bad_input("extensions.persistedQuery must have a document's hash: sha256Hash.")
    if not isinstance(name, str):
        raise bad_input("documentId must be a string.")
    return name.removeprefix(_PREFIX)
