"""Documents that ask for far too much, or are wrong in ways that take long to find."""

from __future__ import annotations


def nested_fragments(levels: int) -> str:
    """Each fragment spreads the next one twice: 2 ** levels fields in a document of some lines."""
    fragments = "".join(
        f"fragment A{level} on Query{{a{level}:order(id:1){{id}}...A{level + 1}...A{level + 1}}}"
        for level in range(levels)
    )
    return f"{{...A0}}{fragments}fragment A{levels} on Query{{__typename}}"


def _asking(selections: str) -> str:
    return f"{{order(id:1){{{selections}}}}}"


def _aliases(number: int) -> str:
    return _asking(" ".join(f"a{n}:id" for n in range(number)))


def _levels(number: int, inner: str) -> str:
    return "[" * number + inner + "]" * number


# Each with the limit that it is beyond.
TOO_MUCH = {
    "ten levels of fragments": (nested_fragments(10), "aliases"),
    "forty levels of fragments": (nested_fragments(40), "aliases"),
    "ninety levels of fragments": (
        "{...A0}"
        + "".join(f"fragment A{n} on Query{{...A{n + 1}...A{n + 1}}}" for n in range(90))
        + "fragment A90 on Query{a:__typename}",
        "aliases",
    ),
    "ten thousand aliases": (_aliases(10_000), "length"),
    "some thousand aliases": (_aliases(3_000), "tokens"),
    "a hundred aliases": (_aliases(100), "aliases"),
    "one field a thousand times": (_asking("id " * 980), "aliases"),
    "spaces": ("{ __typename " + " " * 200_000 + "}", "length"),
    "a long name": ("{ " + "a" * 200_000 + "}", "length"),
    "comments": ("{ __typename }\n" + "#\n" * 20_000, "tokens"),
    "fields within fields": ("{a" * 400 + "}" * 400, "depth"),
    "twenty levels": (
        "{ order(id: 1) " + "{ customer { orders { nodes " * 6 + "{ id" + "}" * 20,
        "depth",
    ),
    "lists within lists": ("{order(id:" + _levels(480, "") + "){id}}", "depth"),
    "objects within objects": ("{order(id:" + "{a:" * 300 + "1" + "}" * 300 + "){id}}", "depth"),
    "directives": ("{ __typename " + "@skip(if: false) " * 100 + "}", "directives"),
    "pages of pages": (
        "{orders(first:100) {nodes {customer {orders(first:100) {nodes {items {sku}}}}}}}",
        "cost",
    ),
}

SLOW_TO_VALIDATE = {
    "undefined fragments": "{" + " ".join(f"...A{n}" for n in range(490)) + "}",
    "a circle of fragments": "{...A0}"
    + "".join(f"fragment A{n} on Query{{...A{(n + 1) % 110}}}" for n in range(110)),
    "all spread all": "{...A0}"
    + "".join(
        f"fragment A{n} on Query{{{' '.join(f'...A{m}' for m in range(16))}}}" for n in range(16)
    ),
    "fields that are none": _asking(" ".join(f"custmer{n}" for n in range(980))),
    "variables nobody uses": "query("
    + " ".join(f"$v{n}:Int" for n in range(240))
    + "){__typename}",
    "a list of a hundred levels": "{orders(filter:{ids:" + _levels(100, "") + "}){totalCount}}",
}
