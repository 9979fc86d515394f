"""Levels of factors as settings: a value at a path, or what a draw sets."""

import hashlib
from collections.abc import Iterator
from typing import Final

from suite.spec.schema import Choice, Draws, Factor, FactorValue, Range

_BITS: Final = 53
"""Of a float's mantissa."""


def settings_at(factor: Factor, level: FactorValue, arm: str) -> dict[str, object]:
    """What a level of a factor sets in an arm: value by dotted path."""
    if factor.draws is not None:
        return drawn(factor.draws, int(level), arm)
    return {} if factor.at is None else {factor.at: whole(level)}


def drawn(draws: Draws, number: int, arm: str) -> dict[str, object]:
    """What draw ``number``, from 1, sets in an arm.

    A choice that gives each arm a value of its own leaves the arms alone that it does not name.
    """
    values = picked(draws, number).items()
    mine = {path: value.get(arm) if isinstance(value, dict) else value for path, value in values}
    return {path: whole(value) for path, value in mine.items() if value is not None}


def picked(draws: Draws, number: int) -> dict[str, Choice]:
    """What draw ``number`` picks at each path, for all arms."""
    return {path: _pick(choices, share(draws.seed, number, path)) for path, choices in draws.choices.items()}


def share(seed: int, number: int, path: str) -> float:
    """A number in [0, 1) for a draw and a path: the first 53 bits of a SHA-256."""
    digest = hashlib.sha256(f"{seed}\0{number}\0{path}".encode()).digest()
    return (int.from_bytes(digest[:8]) >> (64 - _BITS)) / float(2**_BITS)


def whole(value: object) -> object:
    """Levels are read as floats; a whole one may be meant for a whole number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _pick(choices: tuple[Choice, ...] | Range, at: float) -> Choice:
    if isinstance(choices, Range):
        return float(f"{choices.low * (choices.high / choices.low) ** at:.3g}")
    return choices[int(at * len(choices))]


def set_by(factor: Factor) -> Iterator[str]:
    """The paths of what a factor's levels set."""
    if factor.at is not None:
        yield factor.at
    if factor.draws is not None:
        yield from factor.draws.choices
