"""The verdicts of many samples at once, by the rules of ``suite.judge``: for tests that swap seeds."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from suite.judge.exact import critical_index, mann_whitney_counts, signed_rank_counts
from suite.judge.intervals import clopper_pearson
from suite.judge.levels import level
from suite.judge.orientation import between_worst, sign
from suite.judge.success import against, succeeded
from suite.spec.schema import Claim

Floats = npt.NDArray[np.float64]
Verdicts = npt.NDArray[np.int8]
"""1 reproduced, -1 refuted, 0 neither; [samples]."""


def verdicts(claim: Claim, arm: Floats, versus: Floats | None) -> Verdicts:
    """The verdict of each sample: ``arm`` and ``versus`` are [samples, seeds], NaN for a diverged run."""
    found = np.zeros(len(arm), dtype=np.int8)
    for n in claim.looks:
        if n <= arm.shape[1]:
            now = _look(claim, arm[:, :n], None if versus is None else versus[:, :n])
            found = np.where(found == 0, now, found).astype(np.int8)
    return found


def _look(claim: Claim, arm: Floats, versus: Floats | None) -> Verdicts:
    rule: dict[str, Callable[[Claim, Floats, Floats | None], Verdicts]] = {
        "rate": _rate,
        "equivalence": _equivalence,
        "identity": _identity,
        "paired_rate": _paired_rate,
        "best_of": _untold,
    }
    return rule.get(claim.kind, _directed)(claim, arm, versus)


def _directed(claim: Claim, arm: Floats, versus: Floats | None) -> Verdicts:
    """Of an ordering, a threshold, a trend."""
    bound = claim.margin if claim.kind == "ordering" else sign(claim) * claim.margin
    others = None if versus is None else _worst(sign(claim) * versus)
    points = _points(_worst(sign(claim) * arm), others, between_worst(claim))
    above, below = _beyond(points, bound, _allowed(claim, arm, versus))
    return above.astype(np.int8) - below.astype(np.int8)


def _equivalence(claim: Claim, arm: Floats, versus: Floats | None) -> Verdicts:
    low, high = claim.target - claim.margin, claim.target + claim.margin
    k = _allowed(claim, arm, versus)
    inside, outside = np.ones(len(arm), dtype=bool), np.ones(len(arm), dtype=bool)
    for end in (-np.inf, np.inf):
        points = _points(_put(arm, end), None if versus is None else _put(versus, -end), alike=np.nan)
        above_low, below_low = _beyond(points, low, k)
        above_high, below_high = _beyond(points, high, k)
        inside &= above_low if end < 0 else below_high
        outside &= below_low | above_high
    return inside.astype(np.int8) - (outside & ~inside).astype(np.int8)


def _rate(claim: Claim, arm: Floats, versus: Floats | None) -> Verdicts:
    n, success = arm.shape[1], succeeded(claim, arm, diverged=against(claim))
    intervals = [clopper_pearson(k, n, level(claim.looks)) for k in range(n + 1)]
    by_count = [sign(claim) * (int(i.low > claim.margin) - int(i.high < claim.margin)) for i in intervals]
    found: Verdicts = np.array(by_count, dtype=np.int8)[success.sum(axis=1)]
    return found


def _paired_rate(claim: Claim, arm: Floats, versus: Floats | None) -> Verdicts:
    won, lost = (succeeded(claim, each, diverged=False) for each in (arm, arm if versus is None else versus))
    only, other = (won & ~lost).sum(axis=1), (lost & ~won).sum(axis=1)
    bounds = {
        (int(k), int(m)): clopper_pearson(int(k), int(k + m), level(claim.looks))
        for k, m in set(zip(only.tolist(), other.tolist(), strict=True))
        if k + m
    }
    told = {
        each: sign(claim) * (int(found.low > claim.margin) - int(found.high < claim.margin))
        for each, found in bounds.items()
    }
    pairs = zip(only.tolist(), other.tolist(), strict=True)
    return np.array([told.get(pair, 0) for pair in pairs], dtype=np.int8)


def _untold(claim: Claim, arm: Floats, versus: Floats | None) -> Verdicts:
    """Each verdict of a best of several draws is a test by swaps itself: thousands of them would take
    minutes. A comparison of versions rests on the shift of the draws alone.
    """
    return np.zeros(len(arm), dtype=np.int8)


def _identity(claim: Claim, arm: Floats, versus: Floats | None) -> Verdicts:
    near = np.abs(arm - claim.target) <= claim.margin
    return np.where(near.all(axis=1), 1, -1).astype(np.int8)


def _allowed(claim: Claim, arm: Floats, versus: Floats | None) -> int:
    n = arm.shape[1]
    counts = signed_rank_counts(n) if versus is None else mann_whitney_counts(n, versus.shape[1])
    return critical_index(counts, level(claim.looks))


def _points(arm: Floats, versus: Floats | None, alike: float = 0.0) -> Floats:
    """Walsh averages, NaN between opposite infinities, or the differences of two arms, ``alike`` between
    equal ones; [samples, points].
    """
    with np.errstate(invalid="ignore"):
        if versus is None:
            first, second = np.triu_indices(arm.shape[1])
            return (arm[:, first] + arm[:, second]) / 2
        table = (arm[:, :, None] - versus[:, None, :]).reshape(len(arm), -1)
    return np.where(np.isnan(table), alike, table)


def _beyond(points: Floats, bound: float, k: int) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Whether each sample's interval lies above the bound, and below it: a NaN speaks against either."""
    return (~(points > bound)).sum(axis=1) <= k, (~(points < bound)).sum(axis=1) <= k


def _worst(values: Floats) -> Floats:
    return _put(values, -np.inf)


def _put(values: Floats, end: float) -> Floats:
    return np.where(np.isnan(values), end, values)
