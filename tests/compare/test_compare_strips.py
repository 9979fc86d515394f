"""Where a claim's seeds stand in the small drawing of both sides."""

import msgspec
import pytest

from suite.compare.claims import ClaimChange
from suite.compare.page import render
from suite.compare.seeds import Shared
from suite.compare.strips import LEFT, LOST, RIGHT, ROOM, Strip, strips, ticks
from suite.compare.views import experiments
from suite.judge.values import Judgement, Sample
from suite.report.strips import Axis
from suite.spec import schema
from suite.spec.schema import Claim
from tests.compare.versions import ABOVE, claim_of, ended, held_against, study, version

SEEDS = (10, 11, 12)
INF = float("inf")


def judged(**fields: object) -> Judgement:
    """A judgement on three seeds."""
    given = {"estimate": 2.0, "low": 1.5, "high": 2.5, "margin": 1.0, "n": 3, "arm": (1.5, 2.0, 2.5)}
    return Judgement(verdict="reproduced", reason="", looks=2, **{**given, **fields})  # type: ignore[arg-type]


def drawn(
    before: Sample, after: Sample, claim: Claim = ABOVE, seeds: tuple[int, ...] = SEEDS, **fields: object
) -> tuple[Strip, ...]:
    """The strips of a claim whose sides have these numbers."""
    sides = [
        judged(arm=each.arm[:3], versus=None if each.versus is None else each.versus[:3], **fields)
        for each in (before, after)
    ]
    change = ClaimChange(study(claims={"claim": claim}), "claim", claim, "worse", *sides)
    return strips(change, Shared(seeds, before, after))


def test_places_are_linear_between_the_ends() -> None:
    axis = Axis.of([0.0, 10.0], LEFT, RIGHT, ROOM)
    assert axis.at(5.0) == pytest.approx((LEFT + RIGHT) / 2)
    assert axis.at(7.5) - axis.at(5.0) == pytest.approx(axis.at(5.0) - axis.at(2.5), abs=0.11)
    assert (axis.at(-1e9), axis.at(1e9)) == (LEFT, RIGHT)


@pytest.mark.parametrize("values", [[0.0, 1.0], [1.0, 1.0 + 1e-9], [-2e-7, 3e-7], [5.0], [0.0]])
def test_numbers_on_the_axis_differ(values: list[float]) -> None:
    found = ticks(Axis.of(values, LEFT, RIGHT, ROOM))
    assert len(found) >= 2
    assert len({tick.text for tick in found}) == len(found)
    assert all(LEFT <= tick.x <= RIGHT for tick in found)


def test_each_seed_is_joined_with_itself() -> None:
    (strip,) = drawn(Sample((1.0, 2.0, 3.0)), Sample((3.0, 1.0, 2.0)))
    assert [row.side for row in strip.rows] == ["before", "before", "after", "after"]
    old, new = strip.rows[1], strip.rows[2]
    at = {1.0: old.points[0].x, 2.0: old.points[1].x, 3.0: old.points[2].x}
    assert [(link.x1, link.x2) for link in strip.links] == [
        (at[1.0], at[3.0]),
        (at[2.0], at[1.0]),
        (at[3.0], at[2.0]),
    ]
    assert {(link.y1, link.y2) for link in strip.links} == {(old.y, new.y)}
    assert "before and after: seed 10 1 and 3, seed 11 2 and 1, seed 12 3 and 2" in strip.text


def test_intervals_and_the_margin_are_there() -> None:
    (strip,) = drawn(Sample((1.0, 2.0, 3.0)), Sample((3.0, 1.0, 2.0)))
    spans = [row.span for row in strip.rows if row.span is not None]
    assert len(spans) == 2
    assert strip.against == "margin"
    assert strip.lines[0] < spans[0].low < spans[0].middle < spans[0].high


def test_two_arms_are_their_difference_seed_by_seed() -> None:
    claim = msgspec.structs.replace(ABOVE, kind="ordering", versus="b")
    (strip,) = drawn(
        Sample((3.0, 4.0, 5.0), (2.0, 2.0, 2.0)), Sample((1.0, 1.0, 1.0), (1.0, 0.0, 3.0)), claim
    )
    assert "seed 10 1 and 0, seed 11 2 and 1, seed 12 3 and -2" in strip.text
    assert strip.caption.endswith(": a − b")


def test_a_diverged_run_is_a_cross_beside_the_axis() -> None:
    (strip,) = drawn(Sample((1.0, 2.0, 3.0)), Sample((1.0, None, 2.0)))
    assert strip.rows[2].crosses == ("after, seed 11: diverged",)
    assert [link.x2 for link in strip.links][1:] == [LOST, strip.rows[2].points[1].x]
    assert strip.lost == "diverged"


def test_a_run_that_finished_with_an_infinite_number_stands_at_the_end_of_the_axis() -> None:
    (strip,) = drawn(Sample((1.0, 2.0, -INF)), Sample((1.0, INF, INF)))
    assert (strip.lost, strip.rows[2].crosses) == ("", ())
    assert [point.title for point in strip.rows[2].points][1:] == ["after, seed 11: ∞", "after, seed 12: ∞"]
    assert [(link.x1, link.x2) for link in strip.links][2] == (LEFT, RIGHT)
    assert strip.text.endswith("seed 11 2 and ∞, seed 12 -∞ and ∞")


def test_how_far_two_arms_are_apart_that_both_get_nowhere_is_not_known() -> None:
    claim = msgspec.structs.replace(ABOVE, kind="ordering", versus="b")
    (strip,) = drawn(
        Sample((3.0, INF, INF), (2.0, 2.0, INF)), Sample((3.0, 3.0, 3.0), (2.0, INF, None)), claim
    )
    assert strip.text.endswith("seed 10 1 and 1, seed 11 ∞ and -∞, seed 12 both infinite and diverged")
    assert strip.lost == "both infinite, diverged"


def test_a_seed_without_a_statistic_has_not_diverged() -> None:
    claim = msgspec.structs.replace(ABOVE, kind="trend", over="rate", statistic="log_log_slope")
    lost = Sample((None, 2.0, None), finished=(2,))
    (strip,) = drawn(Sample((1.0, 2.0, 3.0)), lost, claim)
    assert strip.rows[2].crosses == (
        "after, seed 10: diverged",
        "after, seed 12: without a log log slope",
    )
    judged_ = judged(arm=(None, 2.0, None), finished=(2,))
    change = ClaimChange(study(claims={"claim": claim}), "claim", claim, "worse", judged_, judged_)
    (strip,) = strips(change, Shared((), Sample(()), Sample(())))
    assert strip.lost == "diverged, without a log log slope"


def test_seeds_that_a_verdict_did_not_need_are_hollow() -> None:
    many = Sample((1.0, 2.0, 3.0, 4.0))
    (strip,) = drawn(many, many, seeds=(10, 11, 12, 13))
    assert [point.kind for point in strip.rows[1].points] == ["dot"] * 3 + ["spare"]


def test_seeds_of_one_side_alone_are_shown_unpaired() -> None:
    (strip,) = drawn(Sample((1.0, 2.0, 3.0)), Sample((1.0, 2.0)), seeds=(10, 11))
    assert len(strip.links) == 2
    assert strip.text.endswith("seed 12 3 and –")


def test_a_rate_has_a_line_for_the_share_and_one_for_the_seeds() -> None:
    claim = msgspec.structs.replace(ABOVE, kind="rate", cut=2.0, margin=0.5)
    share, values = drawn(Sample((1.0, 2.0, 3.0)), Sample((3.0, 1.0, 2.0)), claim, margin=0.5)
    assert all(row.span is not None for row in share.rows)
    assert all(row.span is None for row in values.rows)
    assert (share.against, values.against) == ("margin", "where a seed succeeds")
    assert values.lines == (values.rows[0].points[1].x,)


def test_an_infinite_end_is_an_arrow() -> None:
    (strip,) = drawn(Sample((1.0, 2.0, 3.0)), Sample((1.0, 2.0, None)), high=float("inf"))
    span = strip.rows[0].span
    assert span is not None
    assert (span.high, span.open_low, span.open_high) == (RIGHT, False, True)


def test_what_was_not_evaluated_has_seeds_and_no_interval() -> None:
    none = {"estimate": None, "low": None, "high": None, "margin": None}
    (strip,) = drawn(Sample((1.0, 2.0, 3.0)), Sample((1.0, 2.0, 3.0)), **none)
    assert [row.span for row in strip.rows] == [None, None]
    assert strip.lines == ()


def test_without_a_number_nothing_is_drawn() -> None:
    assert drawn(Sample(()), Sample(()), seeds=()) == ()


def test_of_a_trend_diverged_seeds_and_those_without_a_statistic_are_told_apart() -> None:
    claim = msgspec.structs.replace(
        ABOVE, kind="trend", over="rate", statistic="log_log_slope", margin=0.0, looks=(6,)
    )
    rates = {"rate": schema.Factor(at="optimizer.lr", values=(0.001, 0.01, 0.1))}
    of = study(factors=rates, claims={"claim": claim})
    old = version(of, lambda run: float(run.levels["rate"]))
    new = version(of, lambda run: float(run.levels["rate"]) * (-1 if run.seed == 11 else 2))
    lost = next(name for name, each in new.items() if each.run.seed == 12 and each.run.arm == "a")
    found = held_against(of, old, {**new, lost: ended(new[lost], "diverged")})
    ((strip,),) = (view.strips for each in experiments(found) for view in each.claims)
    assert strip.rows[2].crosses == ("after, seed 11: without a log log slope", "after, seed 12: diverged")
    assert claim_of(found).after.finished == (1,)
    page = render(found, "")
    assert "×: without a log log slope, diverged</figcaption>" in page
