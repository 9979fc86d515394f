"""Generated lines of text for the page: of each condition those of one seed, at each point."""

from collections.abc import Iterable
from typing import NamedTuple

from suite.data.billion_word import UNKNOWN
from suite.report import words
from suite.report.evidence import Array, Evidence
from suite.spec.runs import Condition
from suite.store.record import Record

LINES = "text.lines"


class Page(NamedTuple):
    """Lines at one iteration; what cannot be shown of a line is replaced."""

    iteration: int
    lines: tuple[str, ...]


class TextView(NamedTuple):
    """A condition, with the lines of its first finished seed from the last point to the first."""

    title: str
    seed: int | None
    pages: tuple[Page, ...]


def texts(evidence: Evidence) -> tuple[TextView, ...]:
    """The conditions whose runs generate lines, in the order of the file; none before any run."""
    found = tuple(
        _text(evidence, condition)
        for condition in evidence.study.conditions
        if condition.setting.probes.text is not None
    )
    return found if any(view.pages for view in found) else ()


def _text(evidence: Evidence, condition: Condition) -> TextView:
    title = words.condition(condition.arm, condition.levels)
    for record, lines in evidence.arrays(evidence.finished(condition), LINES):
        return TextView(title, record.run.seed, _pages(evidence, record, lines))
    return TextView(title, None, ())


def _pages(evidence: Evidence, record: Record, lines: Array) -> tuple[Page, ...]:
    iterations = evidence.array(record, f"{LINES}:iterations")
    if iterations is None or len(iterations) != len(lines) or lines.ndim != 3:
        return ()
    pairs = zip(iterations, lines, strict=True)
    return tuple(Page(int(i), tuple(map(readable, some))) for i, some in pairs)[::-1]


def readable(points: Iterable[float]) -> str:
    """A line from its characters' code points; one that is none or cannot be printed is replaced."""
    return "".join(_character(point) for point in points)


def _character(point: float) -> str:
    if not 0 <= point < 0x110000:
        return UNKNOWN
    found = chr(int(point))
    return found if found.isprintable() else UNKNOWN
