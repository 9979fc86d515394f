"""Plain text for a terminal, and plain numbers for JSON."""

import math
from collections.abc import Sequence


def columns(rows: Sequence[Sequence[str]], gap: str = "  ") -> str:
    """Rows as aligned columns of text; the last column is not padded."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))] if rows else []
    lines = [gap.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def number_of(number: int, noun: str, many: str = "") -> str:
    """``1 run``, ``2 runs``."""
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"


def few(lines: Sequence[str], shown: int, rest: str = "... and {} more") -> list[str]:
    """The first lines, and where there are others, how many."""
    more = len(lines) - shown
    return [*lines[:shown], *([rest.format(more)] if more > 0 else [])]


def spelled(seconds: float) -> str:
    """A time for people."""
    steps = (("s", 1, 100), ("min", 60, 6e3), ("hours", 3600, 36e4), ("days", 86400, math.inf))
    unit, length = next((unit, length) for unit, length, end in steps if seconds < end)
    return f"{seconds / length:.0f} {unit}"


def finite(value: float | None) -> float | None:
    """A number as JSON can hold it; None for one that it cannot."""
    return value if value is not None and math.isfinite(value) else None
