"""Trees of values that know their places in a YAML 1.2 text.

The syntax is libyaml's, see ``suite.spec.composer``; what a plain scalar means is YAML 1.2's core
schema, so ``5e-5`` is a number and ``no`` a string.
"""

import re
from typing import Final

import msgspec

from suite.spec.places import Mark, Problem, Source, fail

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 50
_LINE_BREAK: Final = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEAN: Final = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_INTEGER: Final = re.compile(r"[-+]?[0-9]+")
_PREFIXED: Final = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE: Final = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")

Value = None | bool | int | float | str


class Scalar(msgspec.Struct, frozen=True, eq=False):
    """A value, and the text that was written for it."""

    mark: Mark
    value: Value
    text: str = ""
    plain: bool = True


class Sequence(msgspec.Struct, frozen=True, eq=False):
    """A list."""

    mark: Mark
    items: tuple["Node", ...]


class Entry(msgspec.Struct, frozen=True, eq=False):
    """A key's place and its value."""

    mark: Mark
    node: "Node"


class Mapping(msgspec.Struct, frozen=True, eq=False):
    """Keys in the order of the file."""

    mark: Mark
    entries: dict[str, Entry]


class Removed(msgspec.Struct, frozen=True, eq=False):
    """What a ``null`` leaves behind where it took something away."""

    mark: Mark


Node = Scalar | Sequence | Mapping | Removed


def entries_of(node: Node | None) -> dict[str, Entry]:
    """The entries of a mapping; none of anything else."""
    return node.entries if isinstance(node, Mapping) else {}


def lookup(node: Node | None, *path: str) -> Node | None:
    """The node at a path, None where there is none."""
    for key in path:
        entry = entries_of(node).get(key)
        node = None if entry is None else entry.node
    return node


def place(node: Node, *path: str) -> Mark:
    """Where the node at a path stands, or the last one on the way to it."""
    for key in path:
        if key not in (entries := entries_of(node)):
            break
        node = entries[key].node
    return node.mark


def parse(data: bytes, name: str) -> Mapping:
    """The mapping a file holds; UserError with the place of every mistake in its syntax."""
    text = _decoded(data, name)
    source = Source(name, tuple(_LINE_BREAK.split(text)))
    root = _composed(text, source)
    if isinstance(root, Scalar) and root.value is None:
        fail([Problem(Mark(source), "the file is empty", "start from a file that is there")])
    if not isinstance(root, Mapping):
        fail([Problem(root.mark, "the file must be a mapping", "write 'key: value' lines")])
    return root


def parse_list(text: str, name: str) -> tuple[Node, ...]:
    """The items of comma-separated YAML values, as an override gives them."""
    data = text.encode("utf-8", "surrogateescape")
    root = _composed(_decoded(b"[" + data + b"]", name), Source(name))
    assert isinstance(root, Sequence)
    return root.items


def _composed(text: str, source: Source) -> Node:
    from suite.spec.composer import Composer  # With libyaml, which most commands need for no file.

    return Composer(text, source).document()


def _decoded(data: bytes, name: str) -> str:
    if len(data) > MAX_BYTES:
        fail([Problem(Mark(Source(name)), f"is larger than {MAX_BYTES} bytes", "split it")])
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = _LINE_BREAK.split(data[: error.start].decode("utf-8"))
        line = _LINE_BREAK.split(data.decode("utf-8", "replace"))[: len(before)]
        mark = Mark(Source(name, tuple(line)), len(before) - 1, len(before[-1]))
        fail([Problem(mark, "is not valid UTF-8", "save the file as UTF-8")])


def resolve(text: str) -> Value:
    """What a plain scalar means in YAML 1.2's core schema; ValueError for a number out of bounds."""
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INTEGER.fullmatch(text) or _PREFIXED.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return _finite(float(text))
    if _NOT_FINITE.fullmatch(text):
        raise ValueError("is not a finite number")
    return text


def _integer(text: str) -> int:
    # Python refuses to read very long decimal numbers at all.
    if len(text) > 30 or abs(number := int(text, _base(text))) >= 2**63:
        raise ValueError("is too large a number")
    return number


def _base(text: str) -> int:
    return {"0o": 8, "0x": 16}.get(text[:2], 10)


def _finite(number: float) -> float:
    if abs(number) == float("inf"):
        raise ValueError("is too large a number")
    return number
