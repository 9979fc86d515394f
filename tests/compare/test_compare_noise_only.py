"""Two versions that differ by noise alone, and a planted change among such noise: simulated."""

import numpy as np
import pytest

from suite.judge.values import Sample
from suite.spec.schema import Claim
from tests.compare.simulation import Regime, Simulated, false_marks, one_comparison

STATED = 0.05
"""What docs/compare.md says of a comparison with any false better, worse or flipped."""
REGIMES = (
    Regime(),
    Regime(shared=0.0),
    Regime(shared=0.99),
    Regime(tails=True),
    Regime(diverges=0.1),
    Regime(shared=0.0, near=True),
    Regime(tails=True, near=True, diverges=0.05),
)
"""From versions that are almost alike to those that share nothing but their distribution."""


@pytest.mark.slow
def test_noise_alone_seldom_gets_a_mark_that_says_more() -> None:
    found = false_marks(200, REGIMES)
    assert float(np.mean(found)) <= STATED
    assert any(found)  # The test does not pass because nothing is ever marked.


@pytest.mark.parametrize("kind", ["threshold", "ordering"])
def test_a_planted_sign_error_is_found_among_twenty_noisy_claims(kind: str) -> None:
    """Six seeds; beyond the margin by 4 deviations before, short of it by very different amounts after."""
    random = np.random.default_rng(8)
    versus = "b" if kind == "ordering" else None
    claim = Claim(
        says="", kind=kind, metric="loss", arm="a", versus=versus, better="higher", margin=1.0, looks=(6, 12)
    )
    marks = [_marked(random, claim) for _ in range(20)]
    assert marks.count("verdict flipped") >= 18


def _marked(random: np.random.Generator, claim: Claim) -> str:
    before = tuple(5 + random.standard_normal(12))
    after = tuple(-(10 ** random.uniform(0.5, 4, 12)))
    versus = [None if claim.versus is None else tuple(random.standard_normal(12)) for _ in "ab"]
    planted = Simulated(claim, Sample(before, versus[0]), Sample(after, versus[1]))
    return one_comparison(random, Regime(), planted)[-1].mark
