"""The GraphQL in the documentation."""

from __future__ import annotations

import re
from pathlib import Path

from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse, print_ast

_DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(r"^```graphql\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def examples() -> dict[str, str]:
    """Return each block of GraphQL by its file and line."""
    return {
        f"{path.name}:{text.count(chr(10), 0, match.start()) + 1}": match[1]
        for path in sorted(_DOCS.glob("*.md"))
        for text in [path.read_text(encoding="utf-8")]
        for match in _BLOCK.finditer(text)
    }


FRONT_END = parse(
    "\n".join(text for name, text in examples().items() if name.startswith("front-end.md"))
)


def front_end_operation(name: str) -> str:
    """Return an operation of the guide for front ends, with the fragments that it spreads."""
    [operation] = [
        node
        for node in FRONT_END.definitions
        if isinstance(node, OperationDefinitionNode) and node.name and node.name.value == name
    ]
    text = print_ast(operation)
    fragments = [
        print_ast(node)
        for node in FRONT_END.definitions
        if isinstance(node, FragmentDefinitionNode) and f"...{node.name.value}" in text
    ]
    return "\n".join([text, *fragments])
