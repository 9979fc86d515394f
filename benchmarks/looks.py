"""How often a claim without an effect is called reproduced, of all ways to look at it two or three times.

    uv run python benchmarks/looks.py [--claims 1000000]

Of one and of two arms claims are simulated, each looked at in all these ways; of a rate it is worked out.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from suite.judge.exact import critical_index, mann_whitney_counts, signed_rank_counts  # noqa: E402
from suite.judge.levels import ALPHA  # noqa: E402

Floats = npt.NDArray[np.floating]
Looks = tuple[int, ...]
LEAST, MOST = 4, 100
"""Seeds of a look."""
SEEDS = np.arange(LEAST, MOST + 1)
AT_ONCE = 1000
"""Claims that are simulated together."""
MARGINS = np.linspace(0.005, 0.995, 397)
"""Of a rate."""


class Family(NamedTuple):
    """Looks of which the worst is told."""

    told: str
    number: int
    factor: float
    """A look has at most so many times the seeds of the one before."""
    holds: Callable[[Looks], bool] = lambda looks: True

    def every(self) -> Iterator[Looks]:
        """All of them."""
        found: Iterator[Looks] = ((int(n),) for n in SEEDS)
        for _ in range(self.number - 1):
            found = (
                (*looks, late)
                for looks in found
                for late in range(looks[-1] + 1, min(MOST, int(self.factor * looks[-1])) + 1)
            )
        return filter(self.holds, found)


FAMILIES = (
    Family("two, the second at most twice the first", 2, 2),
    Family("three, each at most twice the one before, up to 60", 3, 2, lambda looks: looks[-1] <= 60),
    Family("the same beyond 60", 3, 2, lambda looks: looks[-1] > 60),
    Family("two, the second up to 2.5 times the first", 2, 2.5),
    Family("three, each up to 2.5 times the one before", 3, 2.5),
)


def statistics(arms: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Wilcoxon's T or Mann-Whitney's U of each claim's first 4, 5 .. 100 seeds [claims, looks]."""
    x, y = rng.standard_normal((2, AT_ONCE, MOST), dtype=np.float32)
    until = np.tril(np.ones((MOST, MOST), dtype=bool))
    if arms == 1:
        new = ((x[:, :, None] + x[:, None, :] > 0) & until).sum(2)
    else:
        new = ((x[:, None, :] > y[:, :, None]) & until).sum(2)
        new += ((x[:, :, None] > y[:, None, :]) & until & ~np.eye(MOST, dtype=bool)).sum(2)
    return np.cumsum(new, axis=1)[:, LEAST - 1 :]


def ends(arms: int, looks: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """At each number of seeds the largest statistic that refutes, and the least that reproduces."""
    nulls = [signed_rank_counts(n) if arms == 1 else mann_whitney_counts(n, n) for n in map(int, SEEDS)]
    low = np.array([critical_index(null, ALPHA[looks]) for null in nulls])
    return low, np.array([len(null) - 1 for null in nulls]) - low


def simulated(arms: int, claims: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """The share of claims that are reproduced, by the places in ``SEEDS`` of two looks, and of three."""
    count, rounds = len(SEEDS), max(1, claims // AT_ONCE)
    two, three = np.zeros((count, count)), np.zeros((count, count, count))
    bounds = {looks: ends(arms, looks) for looks in (2, 3)}
    for _ in range(rounds):
        found = statistics(arms, rng)
        for looks, total in ((2, two), (3, three)):
            low, high = bounds[looks]
            wins = (found >= high).astype(np.float32)
            is_open = ((found > low) & (found < high)).astype(np.float32)
            total += _reproduced(wins, is_open, looks) / AT_ONCE
    return two / rounds, three / rounds


def _reproduced(wins: Floats, is_open: Floats, looks: int) -> Floats:
    """How many claims are reproduced at the first look, or at a later one before which all were open."""
    first, then = wins.sum(axis=0), is_open.T @ wins
    if looks == 2:
        return first[:, None] + then
    both = (is_open[:, :, None] * is_open[:, None, :]).reshape(len(is_open), -1)
    last = (both.T @ wins).reshape(wins.shape[1], wins.shape[1], -1)
    return first[:, None, None] + then[:, :, None] + last


def of_rate(looks: Looks) -> float:
    """The share of rates at the margin that are reproduced, where that is largest."""
    alpha, margins = ALPHA[len(looks)], MARGINS[:, None]
    total, before, seen = np.zeros(len(MARGINS)), np.ones((len(MARGINS), 1)), 0
    for n in looks:
        steps = binom.pmf(np.arange(n - seen + 1), n - seen, margins)
        now = np.zeros((len(MARGINS), n + 1))
        for successes in range(seen + 1):
            now[:, successes : successes + n - seen + 1] += before[:, [successes]] * steps
        all_ = np.arange(n + 1)
        wins, losses = binom.sf(all_ - 1, n, margins) < alpha, binom.cdf(all_, n, margins) < alpha
        total += (now * wins).sum(axis=1)
        before, seen = np.where(wins | losses, 0, now), n
    return float(total.max())


def _worst(every: list[Looks], finding: tuple[Floats, Floats], telling: tuple[Floats, Floats]) -> float:
    number = len(every[0])
    places = tuple(np.array(every).T - LEAST)
    found = int(finding[number - 2][places].argmax())
    return float(telling[number - 2][places][found])


def _doubles(looks: Looks) -> bool:
    """Of three looks of a rate only these are worked out: all would take hours."""
    return looks == (looks[0], 2 * looks[0], 4 * looks[0])


def main() -> None:
    """Print a table of the worst of each family: found in some claims and told of others, as what is largest
    by chance seems worse than it is.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=1_000_000)
    claims = parser.parse_args().claims
    rng = np.random.default_rng(0)
    finding, telling = ([simulated(arms, claims, rng) for arms in (1, 2)] for _ in range(2))
    print("| looks | one arm | two arms | rate |\n|---|---|---|---|")
    for family in FAMILIES:
        every = list(family.every())
        worst = [_worst(every, first, then) for first, then in zip(finding, telling, strict=True)]
        rates = [looks for looks in every if family.number == 2 or _doubles(looks)]
        # The last family's worst are not among those that double.
        rate = f"{max(map(of_rate, rates)):.2%}" if family.number == 2 or family.factor == 2 else ""
        cells = [family.told, *(f"{share:.2%}" for share in worst), rate]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
