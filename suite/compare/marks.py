"""The words of a comparison: a closed set of marks and of causes, and the rules of a gate."""

from collections.abc import Iterable
from typing import Final, Literal, get_args

from suite.errors import UserError
from suite.spec.places import advice

Mark = Literal[
    "verdict flipped",
    "worse",
    "better",
    "new failure",
    "fixed",
    "changed but not significant",
    "changed",
    "not comparable",
    "missing",
    "new",
    "within noise",
    "identical",
]
MARKS: Final[tuple[Mark, ...]] = get_args(Mark)
"""What needs a word first comes first."""

Cause = Literal["spec", "protocol", "environment", "code", "noise"]
CAUSES: Final[tuple[Cause, ...]] = get_args(Cause)

COMPARED: Final = frozenset(MARKS) - {"not comparable", "missing", "new"}
"""The marks of what was there on both sides and measured alike."""

_SHORT: Final[dict[str, tuple[Mark, ...]]] = {
    "flipped": ("verdict flipped",),
    "changed": ("changed but not significant", "changed"),
}
_OF_SHORT = {mark for marks in _SHORT.values() for mark in marks}
GATE_WORDS: Final[dict[str, tuple[Mark, ...]]] = _SHORT | {
    mark.replace(" ", "-"): (mark,) for mark in MARKS if mark not in {*_OF_SHORT, "identical"}
}
"""What ``gate --fail-on`` may name."""


def gate_marks(text: str) -> tuple[Mark, ...]:
    """The marks that a comma-separated list of gate words stands for. UserError for another word."""
    words = [word.strip() for word in text.split(",")]
    for word in words:
        if word not in GATE_WORDS:
            raise UserError(f"--fail-on: no rule {word!r}\n    {advice(word, GATE_WORDS, 'rules')}")
    return tuple(mark for word in dict.fromkeys(words) for mark in GATE_WORDS[word])


def counted(marks: Iterable[Mark]) -> dict[Mark, int]:
    """How many there are of each mark, those without any left out, in the order of ``MARKS``."""
    found = list(marks)
    return {mark: count for mark in MARKS if (count := found.count(mark))}
