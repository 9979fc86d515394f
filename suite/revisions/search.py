"""Binary search for the first stage of a history that differs from the beginning."""

from collections.abc import Callable
from typing import NamedTuple


class Change(NamedTuple):
    """Where a history changes."""

    first: int | None
    """The first stage found to differ; None where none does."""
    doubtful: tuple[int, ...]
    """Stages just before it that could not be tried: it may be one of them."""


def first_change(stages: int, differs: Callable[[int], bool | None], known: int | None = None) -> Change:
    """The first of the stages 1, 2, ... that differs from stage 0, where from there on all differ.

    ``differs`` says None of a stage that cannot be tried. ``known`` is a stage known to differ. With n
    stages after the first it is asked ceil(log2(n + 1)) times, and once more for each stage skipped.
    """
    last_same, first_other = 0, stages if known is None else known
    skipped: set[int] = set()
    while untried := [i for i in range(last_same + 1, first_other) if i not in skipped]:
        middle = untried[(len(untried) - 1) // 2]
        answer = differs(middle)
        if answer is None:
            skipped.add(middle)
        elif answer:
            first_other = middle
        else:
            last_same = middle
    doubtful = tuple(range(last_same + 1, first_other))
    return Change(first_other if first_other < stages else None, doubtful)
