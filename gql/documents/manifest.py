"""The file that names the documents an operator vouches for.

It is a JSON object: each document's SHA-256, in lower-case hexadecimal digits, and its text.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from pathlib import Path


class WrongManifest(ValueError):
    """A file that is no manifest of trusted documents."""


def digest(text: str) -> str:
    """Return the hash that a document is known by. Half a character, which no JSON has, is none."""
    return sha256(text.encode(errors="replace")).hexdigest()


def read_manifest(path: Path) -> dict[str, str]:
    """Read a manifest. Raises WrongManifest, naming the first entry that is wrong."""
    try:
        content = orjson.loads(path.read_bytes())
    except OSError as error:
        raise WrongManifest(f"cannot be read: {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise WrongManifest("must be a file of JSON") from error
    if not isinstance(content, dict):
        raise WrongManifest("must be a JSON object of documents by their SHA-256")
    for name, text in content.items():
        if not isinstance(text, str) or digest(text) != name:
            raise WrongManifest(f"{name[:64]!r} is not the SHA-256 of its document")
    return content
