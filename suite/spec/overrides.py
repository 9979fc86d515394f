"""Overrides of the command line: ``path=value``, and sweeps ``path=value,value``."""

import itertools
import json
import math
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Final

import msgspec

from suite.errors import UserError
from suite.spec.layout import SECTIONS
from suite.spec.nodes import MAX_DEPTH, Mapping, Node, Scalar, Sequence, parse_list, resolve
from suite.spec.places import Mark, Problem, Source, advice, fail
from suite.spec.schema import Setting


class Change(msgspec.Struct, frozen=True, eq=False):
    """One path and the value it is set to."""

    path: str
    node: Node
    mark: Mark

    @property
    def text(self) -> str:
        """``path=value``, the value in one spelling."""
        return f"{self.path}={_text(self.node)}"

    @property
    def section(self) -> str:
        """The section of the file it changes, empty where it changes the setting of every arm."""
        first = self.path.split(".")[0]
        return first if first in SECTIONS else ""


class Override(msgspec.Struct, frozen=True, eq=False):
    """One path and the values it sweeps."""

    path: str
    changes: tuple[Change, ...]


class Variant(msgspec.Struct, frozen=True, eq=False):
    """One value for each overridden path, by path."""

    changes: tuple[Change, ...] = ()

    @property
    def overrides(self) -> tuple[str, ...]:
        """Each as a word of the command line."""
        return tuple(change.text for change in self.changes)

    @property
    def text(self) -> str:
        """``critic.width=128 optimizer.lr=0.001``; empty without overrides."""
        return " ".join(self.overrides)


def parse_overrides(texts: Iterable[str]) -> tuple[Override, ...]:
    """Each ``path=value[,value...]``, its values YAML 1.2; UserError names the override at fault."""
    overrides = tuple(_override(text) for text in texts)
    paths = [override.path for override in overrides]
    problems = [
        Problem(override.changes[0].mark, f"{override.path} is overridden twice", "separate values by commas")
        for number, override in enumerate(overrides)
        if override.path in paths[:number]
    ]
    if problems:
        fail(problems)
    return overrides


def overrides_in(text: str) -> tuple[str, ...]:
    """The overrides in a variant's text, each as a word. UserError where they cannot be told apart: a value
    may have blanks, and look like overrides itself.
    """
    words = tuple(re.split(_BETWEEN, text)) if text else ()
    with suppress(UserError):
        if [variant.text for variant in variants(parse_overrides(words))] == [text]:
            return words
    raise UserError(f"overrides {text!r} cannot be told apart\n    give a run without them")


MOST = 1000
"""Variants of a command, which takes time and memory for each before anything is trained."""


def variants(overrides: Iterable[Override]) -> tuple[Variant, ...]:
    """Every combination of the overrides' values; a single empty one without overrides. UserError where
    there are too many.
    """
    by_path = sorted(overrides, key=lambda override: override.path)
    count = math.prod(len(override.changes) for override in by_path)
    if count > MOST:
        swept = " x ".join(f"{len(each.changes)} of {each.path}" for each in by_path if len(each.changes) > 1)
        what = f"{swept}: {count:,} variants, more than {MOST:,}"
        fail([Problem(Mark(Source("overrides")), what, "give fewer values, or sweep in several commands")])
    return tuple(
        Variant(changes) for changes in itertools.product(*(override.changes for override in by_path))
    )


_BETWEEN: Final = rf" (?=(?:{'|'.join((*Setting.__struct_fields__, *SECTIONS))})[.=])"
"""Where one override of a variant's text ends, and another begins."""


def _override(text: str) -> Override:
    mark = Mark(Source(f"override {text!r}"))
    path, equals, value = (part.strip() for part in _in_utf8(text, mark).partition("="))
    problems = list(_path_problems(path, mark))
    if not equals or not value:
        problems.append(Problem(mark, "has no value", "write path=value; path=null removes a key"))
    if problems:
        fail(problems)
    changes = tuple(Change(path, node, mark) for node in parse_list(value, mark.source.name))
    if not changes:
        fail([Problem(mark, "has no value", "write path=value")])
    return Override(path, changes)


def _in_utf8(text: str, mark: Mark) -> str:
    """The text, where a locale without UTF-8 left its bytes undecoded; UserError where it is none."""
    try:
        return text.encode("utf-8", "surrogateescape").decode()
    except UnicodeError:
        fail([Problem(mark, "is not valid UTF-8", "write it in UTF-8")])


def _path_problems(path: str, mark: Mark) -> Iterator[Problem]:
    parts = path.split(".")
    settings = Setting.__struct_fields__
    if parts[0] not in (*settings, *SECTIONS):
        yield Problem(
            mark, f"{parts[0]!r} is no setting", advice(parts[0], settings, "legal settings") + _FILE_PATHS
        )
    elif not all(parts) or not (parts[0] in SECTIONS) < len(parts) <= MAX_DEPTH:
        yield Problem(mark, f"{path!r} is not a whole path", "write for example critic.width=64")


_FILE_PATHS = f"; of one arm: arms.ARM.SETTING; a path in the file starts with one of {', '.join(SECTIONS)}"


def _text(node: Node) -> str:
    if isinstance(node, Mapping):
        pairs = sorted((key, _text(entry.node)) for key, entry in node.entries.items())
        return "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"
    if isinstance(node, Sequence):
        return "[" + ", ".join(_text(item) for item in node.items) + "]"
    assert isinstance(node, Scalar)
    if isinstance(node.value, str) and _is_plain(node.value):
        return node.value
    return json.dumps(node.value)


def _is_plain(text: str) -> bool:
    """Whether a string reads as itself without quotes."""
    return all(letter.isalnum() or letter in "_-." for letter in text) and _resolves_to_itself(text)


def _resolves_to_itself(text: str) -> bool:
    try:
        return resolve(text) == text
    except ValueError:
        return False
