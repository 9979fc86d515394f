"""Durations and memory as a profile writes them: ``90m``, ``1h30m``, ``8G``.

A bare number is refused, since nobody agrees on its unit, and so is 01:30:00, which YAML 1.1
reads as a number.
"""

import re
from typing import Final

DAY: Final = 86400
_PARTS: Final = {"d": DAY, "h": 3600, "m": 60, "s": 1}
_DURATION: Final = re.compile("".join(f"(?:([0-9]{{1,9}}){unit})?" for unit in _PARTS))
_CLOCK: Final = re.compile(r"(?:([0-9]{1,4})-)?([0-9]{1,4}):([0-9]{2})(?::([0-9]{2}))?")
_LOOSE: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?) *([A-Za-z]+)")
_MEBIBYTES: Final = {"M": 1, "G": 1024, "T": 1024**2}
_MEMORY: Final = re.compile(r"([0-9]{1,9})([MGT])")
_EXAMPLE: Final = "write for example 90m, 2h, 1h30m, 45s or 1d"
_MEMORY_EXAMPLE: Final = "write for example 512M or 8G"


class Unclear(ValueError):
    """Not a duration, or not an amount of memory; the message is the cure."""


def seconds(text: str) -> int:
    """The seconds of ``1d``, ``1h30m`` and the like. Raises Unclear."""
    found = _DURATION.fullmatch(text)
    if not text or found is None:
        raise Unclear(_duration_meant(text))
    return _total(found.groups())


def duration(value: int) -> str:
    """Seconds as :func:`seconds` reads them."""
    parts = []
    for unit, size in _PARTS.items():
        count, value = divmod(value, size)
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"


def on_clock(text: str) -> int | None:
    """The seconds of SLURM's own form, days-hours:minutes:seconds, of which the first may be left out."""
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    days, first, second, third = found.groups()
    if third is None and days is None:
        return _total((None, None, first, second))
    return _total((days, first, second, third))


def mebibytes(text: str) -> int:
    """The MiB of ``512M``, ``8G`` and the like; 1G is 1024M, as in SLURM. Raises Unclear."""
    found = _MEMORY.fullmatch(text)
    if found is None:
        raise Unclear(_memory_meant(text))
    return int(found[1]) * _MEBIBYTES[found[2]]


def memory(value: int) -> str:
    """MiB as :func:`mebibytes` reads them."""
    unit = next((unit for unit in "TG" if value and value % _MEBIBYTES[unit] == 0), "M")
    return f"{value // _MEBIBYTES[unit]}{unit}"


def _total(counts: tuple[str | None, ...]) -> int:
    return sum(int(count or 0) * size for count, size in zip(counts, _PARTS.values(), strict=True))


def _duration_meant(text: str) -> str:
    if text.isdecimal() and text.isascii():
        return f"write {text}m for minutes, {text}h for hours"
    if (clock := on_clock(text)) is not None:
        # SLURM takes 01:30 for minutes and seconds, most readers for hours and minutes.
        other = f" or {duration(60 * clock)}" if text.count(":") == 1 and "-" not in text else ""
        return f"write {duration(clock)}{other}"
    if loose := _LOOSE.fullmatch(text):
        size = _PARTS.get(loose[2][0].lower(), 0)
        # 1M might be a month as well, and 5ms is no minutes.
        if size and loose[2].lower() not in ("mo", "ms", "month", "months"):
            return f"write {duration(round(float(loose[1]) * size))}"
    return _EXAMPLE


def _memory_meant(text: str) -> str:
    if text.isdecimal() and text.isascii():
        return f"write {text}M or {text}G"
    loose = _LOOSE.fullmatch(text)
    letter = loose[2][0].upper() if loose else ""
    if loose and letter in _MEBIBYTES and loose[2].upper() in (letter, f"{letter}B", f"{letter}IB"):
        return f"write {memory(round(float(loose[1]) * _MEBIBYTES[letter]))}"
    return _MEMORY_EXAMPLE
