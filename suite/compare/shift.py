"""How far a claim's number has moved from one version to the other, paired by seed."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr

from suite.compare.many import verdicts
from suite.compare.permutation import FLIPPED, statistics
from suite.compare.seeds import Shared, effects, minus
from suite.judge.intervals import location_interval, location_p, walsh_averages
from suite.judge.orientation import oriented, placed, sign, turned
from suite.judge.seeds import seeds_to_decide
from suite.judge.values import Interval, Seeds
from suite.spec.claim_checks import CENTRED, RATES
from suite.spec.schema import Claim

Floats = npt.NDArray[np.float64]
Chosen = npt.NDArray[np.bool_]

LEVEL = 0.04
"""Of the test over all the claims of a comparison. What is left to 0.05, the chance of any false better,
worse or flipped, is for the looks: how many seeds a version has depends on what they gave."""
ENDS = 0.05
"""One-sided level of each end of a shift's interval."""
OF_SPREAD = 0.5
"""Share of the standard deviation between seeds that matters."""
OF_WIDTH = 0.1
"""Share of the margin that matters where the margin is an effect, not a level."""
OF_LEVEL = 0.01
"""Share of the margin that matters where it is a level."""
OF_RATE = 0.2
"""Difference of two success rates that matters."""
TRIFLE = 0.01
"""Share of the smallest effect that matters within which every seed may move, however few there are."""
_HUGE = 1e300
"""In the place of infinity, whose half less another half would be no number."""


class Shift(NamedTuple):
    """The second version less the first, in the metric's own orientation; of a rate, of its success rate."""

    interval: Interval
    """Hodges-Lehmann estimate of the seeds' differences, and its exact interval."""
    p: float
    """Exact two-sided p-value of this claim alone: signed-rank, of a rate McNemar's."""
    smallest: float
    """The smallest effect that matters."""
    quiet: bool
    """Whether no seed has moved by more than the noise floor, or a hundredth of what matters."""
    better: bool
    """Whether it is for the better: toward ``better``, or nearer to the target."""

    @property
    def matters(self) -> bool:
        """Whether the estimate is at least the smallest effect that matters."""
        return abs(self.interval.estimate) >= self.smallest and self.interval.estimate != 0

    @property
    def is_small(self) -> bool:
        """Whether the whole interval is inside the smallest effect that matters, or inside the noise."""
        ends = max(abs(self.interval.low), abs(self.interval.high))
        return self.quiet or ends < self.smallest


def shift(claim: Claim, seen: Shared, floor: float) -> Shift:
    """The shift between two sides on at least one shared seed. ``floor`` is the relative noise floor of the
    claim's metric, which says nothing of how often a seed succeeds.
    """
    differences = paired(claim, seen)
    found = _interval(differences)
    noise = 0.0 if claim.kind in RATES else floor * _scale(seen)
    smallest = max(smallest_effect(claim, seen), noise)
    return Shift(
        interval=_shown(turned(found, _turn(claim))),
        p=_mcnemar(differences) if claim.kind in RATES else _signed_rank(differences),
        smallest=smallest,
        quiet=bool(np.max(np.abs(differences)) <= max(noise, TRIFLE * smallest)),
        better=_better(claim, seen, found.estimate),
    )


def paired(claim: Claim, seen: Shared) -> Floats:
    """The seeds' differences, second version less first, in the orientation of ``effects``; a run that
    diverged on one side alone makes an infinite one.
    """
    return minus(effects(claim, seen.after), effects(claim, seen.before))


def smallest_effect(claim: Claim, seen: Shared) -> float:
    """The smallest effect that matters: half the standard deviation between seeds, and at the least a small
    share of the margin.

    The deviation is that of each seed's larger value or of each seed's smaller one, whichever is less: it
    does not depend on which version gave which, as the test by swaps requires.
    """
    if claim.kind in RATES:
        return OF_RATE
    both = np.stack([effects(claim, seen.before), effects(claim, seen.after)])
    spread = min(_deviation(both.max(axis=0)), _deviation(both.min(axis=0)))
    share = OF_LEVEL if claim.kind in ("threshold", "trend") else OF_WIDTH
    return max(OF_SPREAD * (spread if math.isfinite(spread) else 0.0), share * abs(claim.margin))


def pattern_statistics(claim: Claim, seen: Shared, signs: Floats, *, decides: bool) -> Floats:
    """The statistic of each pattern of swaps, for ``suite.compare.permutation``; ``signs`` are [patterns, n].

    0 for a claim of which no pattern would show an effect that matters; above all others where a pattern
    gives opposite verdicts, if the claim's scale ``decides``.
    """
    differences = paired(claim, seen)
    most = float(np.median(walsh_averages(np.abs(differences))))
    matters = most >= smallest_effect(claim, seen)
    found = statistics(differences, signs) if matters else np.zeros(len(signs))
    if decides and _can_flip(claim, seen):
        return np.where(_flips(claim, seen, signs), FLIPPED, found)
    return found


def needed(claim: Claim, seen: Shared, found: Shift, claims: int) -> int | None:
    """Seeds that would tell at the spread seen: that the shift is real, where it is large enough to
    matter, or that it is too small. Held against the level of one among ``claims``. None where no number can
    be told.
    """
    differences, size = paired(claim, seen), abs(found.interval.estimate)
    if found.matters:
        return seeds_to_decide((differences,), size, LEVEL / (2 * max(claims, 1)))
    return seeds_to_decide((differences,), found.smallest - size, ENDS)


def _interval(differences: Floats) -> Interval:
    return location_interval(np.clip(differences, -_HUGE, _HUGE), ENDS)


def _shown(found: Interval) -> Interval:
    ends = (_infinite(found.estimate), _infinite(found.low), _infinite(found.high))
    return Interval(*ends, found.n)


def _infinite(value: float) -> float:
    return math.copysign(math.inf, value) if abs(value) >= _HUGE / 4 else value


def _signed_rank(differences: Floats) -> float:
    values = np.clip(differences, -_HUGE, _HUGE)
    return min(1.0, 2 * min(location_p(values, 0.0), location_p(-values, 0.0)))


def _mcnemar(differences: Floats) -> float:
    up, down = int(np.sum(differences > 0)), int(np.sum(differences < 0))
    return min(1.0, 2 * float(bdtr(min(up, down), up + down, 0.5)))


def _turn(claim: Claim) -> int:
    return 1 if claim.kind in CENTRED else sign(claim)


def _better(claim: Claim, seen: Shared, estimate: float) -> bool:
    if claim.kind not in CENTRED:
        return estimate > 0
    middle = [float(np.median(effects(claim, sample))) for sample in (seen.before, seen.after)]
    # Of an equivalence of two arms the effect is their difference, held against the same target.
    return abs(middle[1] - claim.target) < abs(middle[0] - claim.target)


def _scale(seen: Shared) -> float:
    """The largest absolute value of a seed, of those that are finite; the sum of both arms' where two are
    compared.
    """
    old, new = seen.before, seen.after
    arms = (old.arm + new.arm, (old.versus or ()) + (new.versus or ()))
    finite = ([abs(v) for v in arm if v is not None and math.isfinite(v)] for arm in arms)
    return sum(max(sizes, default=0.0) for sizes in finite)


def _deviation(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(np.std(known, ddof=1)) if len(known) > 1 else math.inf


def _flips(claim: Claim, seen: Shared, signs: Floats) -> Chosen:
    """Whether the two sides of each pattern get opposite verdicts."""
    kept = signs > 0
    return _opposite(claim, seen, kept, kept)


def _can_flip(claim: Claim, seen: Shared) -> bool:
    """Whether the best that each seed gave of each arm and the worst get opposite verdicts: without that, no
    pattern needs to be judged. What is best for a target depends on the other seeds: there each is judged.
    """
    return claim.kind in CENTRED or bool(_opposite(claim, seen, *_first_is_better(claim, seen))[0])


def _first_is_better(claim: Claim, seen: Shared) -> tuple[Chosen, Chosen]:
    """Of which seeds the first version's number is the better one, of the arm and of the other, [1, n] each.
    The numbers of a pair that is judged as one stay together.
    """
    old, new = seen.before, seen.after
    if claim.kind in RATES or old.versus is None or new.versus is None:
        found = (effects(claim, old) >= effects(claim, new))[None]
        return found, found
    arm = oriented(claim, old.arm) >= oriented(claim, new.arm)
    versus = oriented(claim, old.versus) <= oriented(claim, new.versus)
    return arm[None], versus[None]


def _opposite(claim: Claim, seen: Shared, arm: Chosen, versus: Chosen) -> Chosen:
    """Whether samples that take the first version's seeds where these hold [patterns, n] and those that take
    the others get opposite verdicts [patterns].
    """
    found: Chosen = _verdicts(claim, seen, arm, versus) * _verdicts(claim, seen, ~arm, ~versus) == -1
    return found


def _verdicts(claim: Claim, seen: Shared, arm: Chosen, versus: Chosen) -> npt.NDArray[np.int8]:
    """Of samples that take the seeds of the first version where ``arm`` and ``versus`` hold."""
    ours = _chosen(seen.before.arm, seen.after.arm, arm)
    if seen.before.versus is None or seen.after.versus is None:
        return verdicts(claim, ours, None)
    return verdicts(claim, ours, _chosen(seen.before.versus, seen.after.versus, versus))


def _chosen(before: Seeds, after: Seeds, first: Chosen) -> Floats:
    return np.where(first, placed(before, math.nan), placed(after, math.nan))
