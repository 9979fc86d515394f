"""How often the judge errs where seeds do not follow the laws that its tests suppose.

The signed-rank test supposes that seeds lie symmetrically, Mann-Whitney's that two arms differ by a shift
and not in shape. Networks that sometimes collapse do neither.

    uv run python -m suite.judge.robustness

prints the table of docs/statistics.md.
"""

import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from suite.judge.simulate import CHUNK, DRAWS, SEED, Ends, Floats, ends_of, share_reproduced

Law = Callable[[np.random.Generator, tuple[int, ...]], Floats]
"""Seeds of a shape."""
MANY = 2_000_000
"""Numbers by which the truth is found."""
FAR = 10.0
"""How far from the others a collapsed run lies, in their deviations."""


class Case(NamedTuple):
    """The laws of one arm or of two, in words and as such."""

    says: str
    laws: tuple[Law, ...]
    looks: tuple[int, ...]


class Errors(NamedTuple):
    """Shares of wrong verdicts where the truth is the margin itself."""

    reproduced: float
    refuted: float


def normal(random: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Seeds without outliers."""
    return random.standard_normal(shape)


def wide(random: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Seeds that differ ten times as much."""
    return 10 * random.standard_normal(shape)


def skewed(random: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Seeds with a long tail below."""
    return -random.exponential(size=shape)


def collapsing(share: float) -> Law:
    """Seeds of which a share collapses."""

    def law(random: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        collapsed = random.random(shape) < share
        return random.standard_normal(shape) - FAR * collapsed

    return law


CASES = (
    Case("one arm, normal", (normal,), (6, 12)),
    Case("one arm, a long tail on one side (exponential)", (skewed,), (6, 12)),
    Case("one arm, a tenth of the runs collapsed", (collapsing(0.1),), (6, 12)),
    Case("one arm, a quarter collapsed", (collapsing(0.25),), (6, 12)),
    Case("one arm, three in ten collapsed", (collapsing(0.3),), (6, 12)),
    Case("one arm, half collapsed", (collapsing(0.5),), (6, 12)),
    Case("two arms, normal", (normal, normal), (6, 12)),
    Case("two arms, one with a long tail", (normal, skewed), (6, 12)),
    Case("two arms, one that varies ten times as much", (normal, wide), (6, 12)),
    Case("two arms, a quarter of one collapsed", (normal, collapsing(0.25)), (6, 12)),
    Case("two arms, half of one collapsed", (normal, collapsing(0.5)), (10, 20)),
)


def errors(case: Case, draws: int = DRAWS) -> Errors:
    """Of a claim whose margin is the truth: the typical seed, or the typical difference."""
    random = np.random.default_rng(SEED)
    margin = truth(case.laws, random)
    shape, pieces = (CHUNK, case.looks[-1]), range(-(-draws // CHUNK))
    chunks = [np.stack([law(random, shape) for law in case.laws], axis=1) for _ in pieces]
    for chunk in chunks:
        chunk[:, 0] -= margin
    ends = ends_of(chunks, case.looks, draws)
    return Errors(_share(ends), _share([(-high, -low) for low, high in ends]))


def truth(laws: tuple[Law, ...], random: np.random.Generator) -> float:
    """The median of the means of two seeds, or of the differences of two arms' seeds."""
    first, second = (law(random, (MANY,)) for law in (laws[0], laws[-1]))
    return float(np.median(first - second if len(laws) > 1 else (first + second) / 2))


def _share(ends: list[Ends]) -> float:
    return share_reproduced(ends, 0.0, banded=False)


def table() -> Iterator[str]:
    """The lines of the table in docs/statistics.md."""
    yield "| seeds | looks | wrongly reproduced | wrongly refuted |"
    yield "|---|---|---|---|"
    for case in CASES:
        found = errors(case)
        looks = ", ".join(map(str, case.looks))
        yield f"| {case.says} | {looks} | {found.reproduced:.1%} | {found.refuted:.1%} |".replace("%", " %")


if __name__ == "__main__":
    sys.stdout.write("\n".join(table()) + "\n")
