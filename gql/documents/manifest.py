"""The manifest of trusted documents: a JSON object of texts by their SHA-256 in lowercase hex."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from pathlib import Path


class InvalidManifest(ValueError):
    """A manifest that cannot be used. The message continues a sentence that names the file."""


def digest(text: str) -> str:
    """Return the SHA-256 that identifies a document.

    A lone surrogate, which strict JSON cannot carry, is replaced instead of raising an error.
    """
    return sha256(text.encode(errors="replace")).hexdigest()


def read_manifest(path: Path) -> dict[str, str]:
    """Read a manifest. Raises InvalidManifest, which names the first invalid entry."""
    try:
        content = orjson.loads(path.read_bytes())
    except OSError as error:
        raise InvalidManifest(f"cannot be read: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise InvalidManifest("must be a JSON file") from error
    if not isinstance(content, dict):
        raise InvalidManifest("must be a JSON object of documents by their SHA-256")
    for name, text in content.items():
        if not isinstance(text, str) or digest(text) != name:
            raise InvalidManifest(f"{name[:64]!r} is not the SHA-256 of its document")
    return content
