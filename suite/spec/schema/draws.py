"""Settings drawn at random: a sample of architectures, a random search."""

from typing import Annotated

from msgspec import Meta

from suite.spec.schema.frozen import Frozen
from suite.spec.schema.words import CountOrZero, FactorValue, Name, Positive, SettingPath


class Range(Frozen):
    """Numbers between two ends, their logarithm uniform, rounded to three digits."""

    low: Positive
    """The lower end."""
    high: Positive
    """The upper end."""


Choice = FactorValue | tuple[float, ...] | dict[Name, FactorValue]
"""A value, a list such as Adam's betas, or, where arms differ, a value for each arm."""


class Draws(Frozen):
    """A sample of settings: draw i is what ``suite.spec.draws`` makes of ``seed``, i and each path."""

    count: Annotated[int, Meta(ge=1, le=1000)]
    """How many settings are drawn."""
    seed: CountOrZero
    """Of the drawing, not of any run."""
    choices: dict[SettingPath, Annotated[tuple[Choice, ...], Meta(min_length=1)] | Range]
    """By setting, the values that are equally likely, or a range. Each is drawn by itself: a further
    choice, or a larger count, changes nothing of what was drawn before."""
