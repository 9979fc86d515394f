"""Comparisons of two versions that differ by noise alone."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from suite.compare.claims import ClaimChange, Draft, decided
from suite.compare.many import verdicts
from suite.compare.marks import Mark
from suite.compare.seeds import Shared
from suite.compare.shift import shift
from suite.judge.orientation import placed
from suite.judge.values import Judgement, Sample, Seeds, Verdict
from suite.spec.schema import Claim
from tests.compare.versions import study

SEED = 20260101
CLAIMS = 20
FALSE: tuple[Mark, ...] = ("verdict flipped", "worse", "better")
STUDY = study()
WORDS: dict[int, Verdict] = {1: "reproduced", 0: "inconclusive", -1: "refuted"}
LOOKS = ((6,), (6, 12), (8,), (12,))


class Regime(NamedTuple):
    """How the simulated values come about."""

    shared: float = 0.7
    """Correlation of the two versions' values of one seed."""
    tails: bool = False
    """Whether spread has heavy tails."""
    diverges: float = 0.0
    """Chance of a run to diverge."""
    near: bool = False
    """Whether every margin lies where the values are, so that verdicts differ often."""


class Simulated(NamedTuple):
    """A claim, and what two versions give."""

    claim: Claim
    before: Sample
    after: Sample


def false_marks(comparisons: int, regimes: Sequence[Regime]) -> list[bool]:
    """Whether each simulated comparison has any claim marked better, worse or flipped."""
    random = np.random.default_rng(SEED)
    each = (one_comparison(random, regimes[place % len(regimes)]) for place in range(comparisons))
    return [any(change.mark in FALSE for change in found) for found in each]


def one_comparison(random: np.random.Generator, regime: Regime, *planted: Simulated) -> list[ClaimChange]:
    """The marks of 20 claims on two versions alike, and of planted ones."""
    alike = [simulated(random, regime) for _ in range(CLAIMS)]
    return decided([_draft(one, place) for place, one in enumerate([*alike, *planted])])


def simulated(random: np.random.Generator, regime: Regime) -> Simulated:
    """A claim of any kind with a random margin, and values of mean 0 and deviation 1."""
    kind = str(random.choice(["threshold", "ordering", "rate", "equivalence"]))
    looks = LOOKS[int(random.integers(len(LOOKS)))]
    margin = float(random.normal(0, 0.1 if regime.near else 1.5))
    claim = _claim(kind, margin, looks)
    arms = [_values(random, regime, looks[-1]) for _ in range(2 if claim.versus else 1)]
    before, after = (Sample(*(arm[side] for arm in arms)) for side in (0, 1))
    return Simulated(claim, before, after)


def _claim(kind: str, margin: float, looks: tuple[int, ...]) -> Claim:
    fields: dict[str, object] = {"kind": kind, "margin": margin, "looks": looks, "better": "higher"}
    if kind == "ordering":
        fields["versus"] = "b"
    if kind == "rate":
        fields |= {"cut": margin, "margin": 0.5}
    if kind == "equivalence":
        fields |= {"margin": abs(margin) + 0.1, "better": None}
    return Claim(says="", metric="loss", arm="a", **fields)  # type: ignore[arg-type]


def _values(random: np.random.Generator, regime: Regime, n: int) -> tuple[Seeds, Seeds]:
    draw = random.standard_normal((3, n)) if not regime.tails else random.standard_t(2, (3, n))
    common = np.sqrt(regime.shared) * draw[0]
    sides = common + np.sqrt(1 - regime.shared) * draw[1:]
    lost = random.random((2, n)) < regime.diverges
    first, second = (
        tuple(None if gone else float(value) for value, gone in zip(*side, strict=True))
        for side in zip(sides, lost, strict=True)
    )
    return first, second


def _draft(one: Simulated, place: int) -> Draft:
    """As ``run`` would leave it: a version that has decided at its first look trains no further seeds."""
    old, new = (_judged(one.claim, sample) for sample in (one.before, one.after))
    n = min(one.claim.looks[each.look - 1] for each in (old, new))
    seen = Shared(tuple(range(10, 10 + n)), _first(one.before, n), _first(one.after, n))
    change = ClaimChange(
        STUDY, f"claim {place}", one.claim, "identical", old, new, shift=shift(one.claim, seen, 0.0)
    )
    return Draft(change, (), seen)


def _judged(claim: Claim, sample: Sample) -> Judgement:
    """Verdict and look only; by the rules for many samples, which are quicker and tested to be the same."""
    arm, versus = (
        None if seeds is None else placed(seeds, np.nan)[None] for seeds in (sample.arm, sample.versus)
    )
    assert arm is not None
    for look in range(1, len(claim.looks) + 1):
        n = claim.looks[look - 1]
        code = int(verdicts(claim, arm[:, :n], None if versus is None else versus[:, :n])[0])
        if code:
            break
    return Judgement(verdict=WORDS[code], reason="", looks=len(claim.looks), look=look, n=n)


def _first(sample: Sample, n: int) -> Sample:
    return Sample(sample.arm[:n], None if sample.versus is None else sample.versus[:n])
