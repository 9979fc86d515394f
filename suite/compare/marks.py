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

_SHORT: Final[dict[str, Mark]] = {"flipped": "verdict flipped", "changed": "changed but not significant"}
GATE_WORDS: Final[dict[str, Mark]] = _SHORT | {
    mark.replace(" ", "-"): mark for mark in MARKS if mark not in _SHORT.values() and mark != "identical"
}
"""What ``gate --fail-on`` may name."""


def gate_marks(text: str) -> tuple[Mark, ...]:
    """The marks that a comma-separated list of gate words stands for. UserError for another word."""
    words = [word.strip() for word in text.split(",")]
    for word in words:
        if word not in GATE_WORDS:
            raise UserError(f"--fail-on: no rule {word!r}\n    {advice(word, GATE_WORDS, 'rules')}")
    return tuple(GATE_WORDS[word] for word in dict.fromkeys(words))


def counted(marks: Iterable[Mark]) -> dict[Mark, int]:
    """How many there are of each mark, those without any left out, in the order of ``MARKS``."""
    found = list(marks)
    return {mark: count for mark in MARKS if (count := found.count(mark))}
