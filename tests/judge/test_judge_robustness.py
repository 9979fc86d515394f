"""Errors under other laws: a closed form, the judge itself, and the page that tells of them."""

import numpy as np
import pytest
from scipy.stats import gamma

from suite.judge.robustness import CASES, FAR, Case, collapsing, errors, normal, skewed, table, truth, wide
from suite.judge.verdict import Sample, judge
from suite.spec.schema import Claim
from tests.docs.pages import DOCS, text


def test_the_truth_of_one_arm_is_the_median_of_the_mean_of_two_seeds() -> None:
    random = np.random.default_rng(0)
    assert truth((skewed,), random) == pytest.approx(-gamma(2, scale=0.5).median(), abs=2e-3)


def test_the_truth_of_two_arms_is_the_median_of_their_differences() -> None:
    random = np.random.default_rng(0)
    # The median of so many numbers has a standard error of 0.009.
    assert truth((normal, wide), random) == pytest.approx(0, abs=0.036)


def test_a_share_of_the_seeds_collapses_far_below_the_others() -> None:
    seeds = collapsing(0.25)(np.random.default_rng(0), (100_000,))
    assert (seeds < -FAR / 2).mean() == pytest.approx(0.25, abs=0.005)
    assert seeds.max() < FAR / 2


def test_errors_are_how_often_the_judge_has_a_verdict_at_the_truth() -> None:
    law, looks = collapsing(0.25), (6, 12)
    found = errors(Case("", (law,), looks))
    random = np.random.default_rng(3)
    margin = truth((law,), random)
    claim = Claim(says="", kind="threshold", metric="m", arm="a", better="higher", margin=margin, looks=looks)
    verdicts = [judge(claim, Sample(tuple(law(random, (12,))))).verdict for _ in range(1000)]
    assert verdicts.count("reproduced") / 1000 == pytest.approx(found.reproduced, abs=0.03)
    assert verdicts.count("refuted") / 1000 == pytest.approx(found.refuted, abs=0.02)


def test_the_laws_that_the_tests_suppose_keep_the_level() -> None:
    kept = [case for case in CASES if all(law in (normal,) for law in case.laws)]
    assert len(kept) == 2
    assert all(max(errors(case)) <= 0.05 for case in kept)
    assert max(errors(Case("", (normal,), (6,)))) <= 0.05


def test_the_page_has_the_table() -> None:
    lines = list(table())
    assert lines[0].split(" | ")[1:] == ["looks", "wrongly reproduced", "wrongly refuted |"]
    assert len(lines) == 2 + len(CASES)
    assert "\n".join(lines) in text(DOCS / "statistics.md")
