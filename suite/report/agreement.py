"""How many single seeds lie where a claim has the typical one: a verdict is of the latter alone."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from suite.judge.assess import ClaimResult
from suite.judge.intervals import differences
from suite.judge.orientation import Floats, between_worst, oriented, placed, sign
from suite.judge.values import Judgement
from suite.report import words
from suite.spec.claim_checks import CENTRED, OF_DRAWS
from suite.spec.schema import Claim

TYPICAL = {
    "threshold": "the typical seed (the median of the means of two)",
    "trend": "the typical seed (the median of the means of two)",
    "equivalence": "the typical seed (the median of the means of two)",
    "ordering": "the typical difference between seeds of the two arms (its median over all pairs)",
    "rate": "the share of successes among all seeds there could be",
    "paired_rate": "that share among all draws there could be",
    "best_of": "the expected difference",
    "identity": "all seeds: it is their range",
}
"""What the interval of a kind of claim is of."""


class Agreement(NamedTuple):
    """``agree`` of ``total`` seeds, or pairs of one of each arm, lie on the claim's side of its margin."""

    agree: int
    total: int
    unit: str
    where: str

    @property
    def short(self) -> str:
        """For a table."""
        return f"{self.agree} of {self.total}{' pairs' if self.unit != 'seeds' else ''}"

    @property
    def told(self) -> str:
        """In words."""
        return f"{self.agree} of {self.total} {self.unit} lie {self.where}"


def interval_of(result: ClaimResult) -> str:
    """What the interval of a claim is of."""
    if result.claim.kind == "equivalence" and result.claim.versus is not None:
        return TYPICAL["ordering"]
    return TYPICAL[result.claim.kind]


def agreement(result: ClaimResult) -> Agreement | None:
    """Of the seeds that the verdict rests on, diverged ones counted against the claim. None where nothing
    was evaluated, and where the estimate is itself a share or of draws.
    """
    claim, judgement = result.claim, result.judgement
    if judgement.estimate is None or claim.kind in ("rate", *OF_DRAWS):
        return None
    inside = _inside(claim, judgement)
    unit = "seeds" if judgement.versus is None else "pairs of seeds"
    bound = words.margin(claim)
    where = f"inside the band {bound}" if claim.kind in CENTRED else f"beyond the margin ({bound})"
    return Agreement(int(np.sum(inside)), len(inside), unit, where)


def _inside(claim: Claim, judgement: Judgement) -> NDArray[np.bool_]:
    values = _values(claim, judgement)
    if claim.kind in CENTRED:
        return np.abs(values - claim.target) <= claim.margin
    # A margin of an ordering is given in the direction that is better, others as the metric has it.
    return values > (claim.margin if claim.kind == "ordering" else sign(claim) * claim.margin)


def _values(claim: Claim, judgement: Judgement) -> Floats:
    """Of each seed or pair; of what is better higher or lower, turned so that higher is."""
    if claim.kind in CENTRED:
        arm, versus = placed(judgement.arm, np.inf), judgement.versus
        return arm if versus is None else differences(arm, placed(versus, -np.inf), alike=np.nan)
    arm = oriented(claim, judgement.arm)
    if judgement.versus is None:
        return arm
    return differences(arm, oriented(claim, judgement.versus), between_worst(claim))
