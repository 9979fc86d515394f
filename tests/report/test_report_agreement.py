"""Single seeds beside the typical one: how many lie on the claim's side, counted by hand."""

from pathlib import Path

import msgspec
import pytest

from suite.judge.assess import ClaimResult
from suite.report.agreement import agreement, interval_of

SEEDS = (0.01, -0.02, 0.05, 1.18, None, -0.06)


@pytest.fixture
def named(results: list[ClaimResult]) -> dict[str, ClaimResult]:
    return {result.name: result for result in results}


def with_seeds(
    result: ClaimResult, arm: tuple[float | None, ...], versus: tuple[float | None, ...] | None = None
) -> ClaimResult:
    return result._replace(judgement=msgspec.structs.replace(result.judgement, arm=arm, versus=versus))


def told(result: ClaimResult) -> str:
    found = agreement(result)
    return "" if found is None else found.told


def test_a_seed_far_away_is_told_beside_a_verdict_of_the_typical_one(named: dict[str, ClaimResult]) -> None:
    # 0 ± 0.1: 1.18 is not, and neither is the diverged one.
    assert told(with_seeds(named["flat"], SEEDS)) == "4 of 6 seeds lie inside the band 0 ± 0.1"


def test_a_seed_on_the_margin_is_not_beyond_it(named: dict[str, ClaimResult]) -> None:
    found = with_seeds(named["explodes"], (0.15, 0.16, None))
    assert told(found) == "1 of 3 seeds lie beyond the margin (> 0.15)"


def test_an_ordering_counts_pairs_one_of_each_arm(named: dict[str, ClaimResult]) -> None:
    # Lower by more than 0.3: -0.4 is so against 0 and 0.5, -0.2 against 0.5 alone, a diverged one never.
    found = agreement(with_seeds(named["vanishes"], (-0.4, -0.2, None), (0.0, 0.5)))
    assert found is not None
    assert found.told == "3 of 6 pairs of seeds lie beyond the margin (< -0.3)"
    assert found.short == "3 of 6 pairs"


def test_one_that_diverged_on_the_other_side_counts_for_the_claim(named: dict[str, ClaimResult]) -> None:
    assert told(with_seeds(named["vanishes"], (0.0,), (None, 0.0))).startswith("1 of 2 pairs")


def test_nothing_is_counted_of_a_share_or_of_what_was_not_evaluated(named: dict[str, ClaimResult]) -> None:
    assert agreement(named["saturates"]) is None
    assert agreement(named["later"]) is None
    assert interval_of(named["saturates"]).startswith("the share of successes")


def test_an_equivalence_of_two_arms_is_of_differences(named: dict[str, ClaimResult]) -> None:
    flat = named["flat"]
    apart = flat._replace(claim=msgspec.structs.replace(flat.claim, versus="clip 0.1"))
    both = with_seeds(apart, (0.0, None), (0.05, 0.3))
    assert told(both) == "1 of 4 pairs of seeds lie inside the band 0 ± 0.1"
    assert interval_of(both) == interval_of(named["vanishes"])


def test_the_page_says_it_beside_the_verdict(report: Path) -> None:
    report_html = (report / "index.html").read_text()
    assert "<b>6 of 6 seeds lie beyond the margin (&gt; 0.15).</b> The interval is of the typical seed" in (
        report_html
    )
    assert '<td class="number" data-name="Single seeds">36 of 36 pairs</td>' in report_html
