"""What goes into a verdict and what comes out, as frozen values."""

import math
from typing import Literal, get_args

from msgspec import Struct

Verdict = Literal["reproduced", "refuted", "inconclusive", "not evaluated"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

Seeds = tuple[float | None, ...]
"""One number a seed, in seed order; None (or nan) where the run diverged, or a trend has no statistic. An
infinite one is a number.
"""


class Interval(Struct, frozen=True):
    """An estimate between the ends of its interval; the ends, and with them the estimate, may
    be infinite, never nan. Each side has its own one-sided level.
    """

    estimate: float
    low: float
    high: float
    n: int
    """Seeds per arm."""


class Sample(Struct, frozen=True):
    """The seeds of a claim's arm and, where two arms are compared, those of the other."""

    arm: Seeds
    versus: Seeds | None = None
    lost: str = "diverged"
    """What became of the seeds that are None, for a sentence about them."""
    infinite: str = "are infinite"
    """What the seeds with an infinite number did, for another."""
    finished: tuple[int, ...] = ()
    """Places in ``arm`` of the seeds that are None though all their runs finished."""

    @property
    def everyone(self) -> Seeds:
        """The seeds of all arms."""
        return self.arm + (self.versus or ())

    @property
    def infinities(self) -> int:
        """How many of them are infinite."""
        return sum(value is not None and math.isinf(value) for value in self.everyone)

    @property
    def present(self) -> int:
        """Seeds that every arm has."""
        return min(len(self.arm), len(self.arm if self.versus is None else self.versus))


class Counts(Struct, frozen=True):
    """Of draws that two arms were trained on, in how many which of them succeeded."""

    only_arm: int
    only_versus: int
    both: int
    neither: int

    @property
    def total(self) -> int:
        """All draws."""
        return self.only_arm + self.only_versus + self.both + self.neither


class Finding(Struct, frozen=True, kw_only=True):
    """What one look at the seeds says."""

    verdict: Verdict
    interval: Interval
    margin: float
    reason: str
    p: float | None = None
    mean_interval: Interval | None = None
    improvement: float | None = None
    counts: Counts | None = None


class Judgement(Struct, frozen=True, kw_only=True):
    """A claim's verdict with all that it rests on.

    ``estimate``, ``low``, ``high`` and ``margin`` are in the metric's own orientation: of an
    ordering they describe arm - versus, so that a claim of 'lower by 0.1' has the margin -0.1
    and is reproduced by an interval below it. They are None where nothing was evaluated.
    """

    verdict: Verdict
    reason: str
    looks: int
    """Looks declared."""
    margin: float | None = None
    """The bound the interval is held against; of an equivalence or identity, the half-width."""
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    """Seeds per arm used; where not evaluated, seeds present."""
    look: int = 0
    """The look that gave the verdict, from 1; 0 where none was reached."""
    alpha: float | None = None
    """One-sided level of each look; None for an identity."""
    p: float | None = None
    """Exact one-sided p-value at the margin, at this look; None for an identity."""
    mean_interval: Interval | None = None
    """Beside the exact one: Welch's (two arms) or Student's (one) at the same level. None where
    a seed diverged or is infinite, for rates and identities."""
    improvement: float | None = None
    """Of an ordering: probability that a seed of the arm beats one of versus, ties half."""
    arm: Seeds = ()
    versus: Seeds | None = None
    """The seeds used; None for a diverged one, and for one that ``finished``."""
    finished: tuple[int, ...] = ()
    """As in ``Sample``."""
    counts: Counts | None = None
    """Of a paired rate."""
