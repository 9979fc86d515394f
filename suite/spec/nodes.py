"""YAML 1.2 text to a tree of values that know their places.

The syntax is libyaml's; what a plain scalar means is YAML 1.2's core schema, so
``5e-5`` is a number and ``no`` a string. Anchors, tags, several documents and
duplicate keys are mistakes here: an experiment file has one reading.
"""

import re
from typing import Any, Final

import msgspec
import yaml

from suite.spec.places import Mark, Problem, Source, fail, short

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 50
# PyYAML offers the libyaml parser only where it was built with it.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
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
_OPENED: Final = {
    "flow mapping": "close every { with }, and put commas between its keys",
    "flow sequence": "close every [ with ], and put commas between its items",
    "quoted scalar": "close the quotation mark",
}
"""What is open where the syntax breaks, and how it is closed."""

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
    root = _Composer(text, source).document()
    if isinstance(root, Scalar) and root.value is None:
        fail([Problem(Mark(source), "the file is empty", "start from a file that is there")])
    if not isinstance(root, Mapping):
        fail([Problem(root.mark, "the file must be a mapping", "write 'key: value' lines")])
    return root


def parse_list(text: str, name: str) -> tuple[Node, ...]:
    """The items of comma-separated YAML values, as an override gives them."""
    data = text.encode("utf-8", "surrogateescape")
    root = _Composer(_decoded(b"[" + data + b"]", name), Source(name)).document()
    assert isinstance(root, Sequence)
    return root.items


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


class _Composer:
    """Builds nodes from parser events, since PyYAML's own nodes recurse without bound."""

    def __init__(self, text: str, source: Source) -> None:
        self._text = text
        self._source = source
        self._problems: list[Problem] = []

    def document(self) -> Node:
        try:
            root = self._document(_LOADER(self._text))
        except yaml.YAMLError as error:
            fail([*self._problems, self._syntax(error)])
        if self._problems:
            fail(self._problems)
        return root

    def _document(self, events: Any) -> Node:
        events.get_event()
        if type(events.get_event()) is yaml.StreamEndEvent:
            return Scalar(Mark(self._source), None)
        root = self._node(events, events.get_event(), 0)
        events.get_event()
        following = events.get_event()
        if type(following) is not yaml.StreamEndEvent:
            self._report(self._mark(following), "a second document", "a file holds one")
        return root

    def _node(self, events: Any, event: Any, depth: int) -> Node:
        mark = self._mark(event)
        if depth > MAX_DEPTH:
            fail([Problem(mark, f"is nested more than {MAX_DEPTH} levels deep", "flatten it")])
        if event.anchor is not None or getattr(event, "tag", None) is not None:
            self._report(mark, "anchors, aliases and tags are not part of this format", "write the value out")
        kind = type(event)
        if kind is yaml.ScalarEvent:
            return self._scalar(mark, event)
        if kind is yaml.MappingStartEvent:
            return self._mapping(events, mark, depth)
        if kind is yaml.SequenceStartEvent:
            return self._sequence(events, mark, depth)
        return Scalar(mark, None)

    def _scalar(self, mark: Mark, event: Any) -> Scalar:
        text, plain = event.value, event.implicit[0]
        return Scalar(mark, self._resolved(mark, text) if plain else text, text, plain)

    def _resolved(self, mark: Mark, text: str) -> Value:
        try:
            return resolve(text)
        except ValueError as error:
            self._report(mark, f"{short(text)} {error}", "write a finite number, or quote it as text")
            return 0

    def _sequence(self, events: Any, mark: Mark, depth: int) -> Sequence:
        items = []
        while type(event := events.get_event()) is not yaml.SequenceEndEvent:
            items.append(self._node(events, event, depth + 1))
        return Sequence(mark, tuple(items))

    def _mapping(self, events: Any, mark: Mark, depth: int) -> Mapping:
        entries: dict[str, Entry] = {}
        while type(event := events.get_event()) is not yaml.MappingEndEvent:
            key = self._node(events, event, depth + 1)
            node = self._node(events, events.get_event(), depth + 1)
            entries.setdefault(self._key(key, entries), Entry(key.mark, node))
        return Mapping(mark, entries)

    def _key(self, node: Node, entries: dict[str, Entry]) -> str:
        if not isinstance(node, Scalar):
            self._report(node.mark, "a key must be text", "write 'key: value'")
            return ""
        if not isinstance(node.value, str):
            self._report(node.mark, f"a key must be text, not {node.text or 'empty'}", _quoting(node.text))
            return node.text
        if node.value in entries:
            line = entries[node.value].mark.line + 1
            self._report(
                node.mark, f"duplicate key {short(node.value)}", f"it is given on line {line} already"
            )
        return node.value

    def _report(self, mark: Mark, text: str, cure: str) -> None:
        self._problems.append(Problem(mark, text, cure))

    def _mark(self, event: Any) -> Mark:
        return Mark(self._source, event.start_mark.line, event.start_mark.column)

    def _syntax(self, error: yaml.YAMLError) -> Problem:
        if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
            reason = getattr(error, "reason", "unreadable")
            return Problem(Mark(self._source), f"not valid YAML: {reason}", "remove unprintable characters")
        reason = ", ".join(part for part in (error.problem, error.context) if part)
        cure = next((cure for context, cure in _OPENED.items() if context in reason), "")
        found = error.problem_mark
        if cure and error.context_mark is not None and error.context_mark.line < found.line:
            found = error.context_mark  # libyaml notices first on a later line.
        mark = Mark(self._source, found.line, found.column)
        line = self._source.lines[mark.line] if mark.line < len(self._source.lines) else ""
        tabs = "indent with blanks, not tabs" if "\t" in line else ""
        return Problem(mark, f"not valid YAML: {reason}", tabs or cure)


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


def _quoting(text: str) -> str:
    return f'write "{text}" in quotes' if text else "give the key a name"
