"""From libyaml's events to a tree of values.

Anchors, tags, several documents and duplicate keys are mistakes here: an experiment file has one reading.
"""

from typing import Any, Final

import yaml

from suite.spec.nodes import MAX_DEPTH, Entry, Mapping, Node, Scalar, Sequence, Value, resolve
from suite.spec.places import Mark, Problem, Source, fail, short

# PyYAML offers the libyaml parser only where it was built with it.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_OPENED: Final = {
    "flow mapping": "close every { with }, and put commas between its keys",
    "flow sequence": "close every [ with ], and put commas between its items",
    "quoted scalar": "close the quotation mark",
}
"""What is open where the syntax breaks, and how it is closed."""


class Composer:
    """Builds nodes from parser events, since PyYAML's own nodes recurse without bound."""

    def __init__(self, text: str, source: Source) -> None:
        self._text = text
        self._source = source
        self._problems: list[Problem] = []

    def document(self) -> Node:
        """The root; UserError with the place of every mistake in the syntax."""
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


def _quoting(text: str) -> str:
    return f'write "{text}" in quotes' if text else "give the key a name"
