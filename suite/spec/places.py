"""Where something stands in a spec, and how a mistake there is shown."""

import difflib
from collections.abc import Collection, Iterable
from typing import Literal, NoReturn

import msgspec

from suite.errors import UserError

_SHOWN_COLUMNS = 120


class Source(msgspec.Struct, frozen=True, eq=False):
    """A file, or an override of the command line: the latter has a name but no lines."""

    name: str
    lines: tuple[str, ...] = ()


class Mark(msgspec.Struct, frozen=True):
    """A line and a column of a source, both counted from 0."""

    source: Source
    line: int = 0
    column: int = 0


class Problem(msgspec.Struct, frozen=True):
    """One mistake: where, what, and how to mend it."""

    mark: Mark
    text: str
    cure: str = ""
    context: str = ""
    about: Literal["", "unknown", "missing", "absent"] = ""
    """Whether a key is unknown or missing, or a pack is not here."""


def within(problem: Problem, context: str) -> Problem:
    """The problem with its arm or scale named, where its place alone does not tell it."""
    if problem.about == "missing" or not problem.mark.source.lines:
        return msgspec.structs.replace(problem, context=f" ({context})")
    return problem


def fail(problems: Iterable[Problem]) -> NoReturn:
    """Raise all problems as one UserError, each once, by place.

    Keys are not called missing while others are unknown: those may be meant.
    """
    first_of_each: dict[tuple[object, ...], Problem] = {}
    found = list(problems)
    unknown = any(problem.about == "unknown" for problem in found)
    for problem in found:
        if unknown and problem.about == "missing":
            continue
        first_of_each.setdefault((*_order(problem.mark), problem.text), problem)
    ordered = sorted(first_of_each.values(), key=lambda problem: (_order(problem.mark), problem.text))
    raise UserError("\n".join(render(problem) for problem in ordered))


def render(problem: Problem) -> str:
    """``file:line:column: what``, the line itself with a caret, and the cure."""
    lines = [f"{_place(problem.mark)}: {problem.text}{problem.context}", *_excerpt(problem.mark)]
    if problem.cure:
        lines.append(f"    {problem.cure}")
    return "\n".join(lines)


def nearest(word: str, legal: Collection[str]) -> str:
    """The legal word most like this one, or an empty string."""
    matches = difflib.get_close_matches(word, list(legal), n=1)
    return matches[0] if matches else ""


def advice(word: str, legal: Collection[str], label: str) -> str:
    """``did you mean 'x'? legal keys: x, y``."""
    match = nearest(word, legal)
    suggestion = f"did you mean {match!r}? " if match else ""
    return f"{suggestion}{label}: {listed(legal)}"


def listed(words: Collection[str]) -> str:
    """The words in order; apart by semicolons where one has a comma in it."""
    gap = "; " if any("," in word for word in words) else ", "
    return gap.join(sorted(words)) or "none"


def short(text: str) -> str:
    """The text quoted, printable, and cut to a readable length."""
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _order(mark: Mark) -> tuple[bool, str, int, int]:
    return (not mark.source.lines, mark.source.name, mark.line, mark.column)


def _place(mark: Mark) -> str:
    if not mark.source.lines:
        return mark.source.name
    return f"{mark.source.name}:{mark.line + 1}:{mark.column + 1}"


def _excerpt(mark: Mark) -> list[str]:
    if mark.line >= len(mark.source.lines) or not mark.source.lines[mark.line].strip():
        return []
    start = max(0, mark.column - _SHOWN_COLUMNS // 2) if mark.column >= _SHOWN_COLUMNS else 0
    line = mark.source.lines[mark.line][start : start + _SHOWN_COLUMNS]
    shown = "".join(letter if letter.isprintable() else " " for letter in line).rstrip()
    gutter = f"{mark.line + 1:>6} | "
    return [gutter + shown, " " * (len(gutter) + mark.column - start) + "^"]
