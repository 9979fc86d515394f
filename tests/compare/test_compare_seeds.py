"""Which of a claim's numbers two versions share, on small made-up records; what a claim is about."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import numpy as np
import pytest

from suite.compare.join import join
from suite.compare.run_table import Board
from suite.compare.seeds import Shared, effects, shared
from suite.compare.side import Side
from suite.judge.values import Sample
from suite.spec import schema
from suite.spec.runs import Run
from suite.store.record import Record
from suite.study import Study
from tests.compare.versions import ABOVE, ended, study, version

DRAWS = {"draw": schema.Factor(draws=schema.Draws(count=14, seed=1, choices={"batch_size": (8.0, 16.0)}))}
"""More than a claim looks at."""
SIZES = {"size": schema.Factor(at="batch_size", values=(8.0, 16.0))}


def of(factors: Mapping[str, schema.Factor] | None = None, **fields: Any) -> Study:
    """A study of one claim; without fields, a threshold with looks at 6 and 12 seeds."""
    claim = msgspec.structs.replace(ABOVE, **fields)
    return study(claims={"claim": claim}, factors=dict(factors or {}))


def seen(of: Study, before: Mapping[str, Record], after: Mapping[str, Record]) -> Shared:
    """What two versions' records share of its claim."""
    sides = (Side("old", "the old one", before), Side("new", "the new one", after))
    return shared(Board(of, join(before, after)), of.experiment.claims["claim"], *sides)


def seed(run: Run) -> float:
    return float(run.seed)


def turned(run: Run) -> float:
    return -float(run.seed)


def but(records: Mapping[str, Record], lost: Iterable[str]) -> dict[str, Record]:
    """Without some."""
    gone = set(lost)
    return {name: found for name, found in records.items() if name not in gone}


def ids(records: Mapping[str, Record], arm: str, seed: int = 10, **levels: float) -> list[str]:
    """Of the runs of an arm with a seed, at these levels."""
    runs = (found.run for found in records.values())
    return [
        run.id for run in runs if (run.arm, run.seed) == (arm, seed) and levels.items() <= run.levels.items()
    ]


@pytest.mark.parametrize(("before", "after", "n"), [(8, 13, 8), (13, 8, 8), (13, 13, 12)])
def test_the_seeds_that_both_sides_have_count_up_to_the_last_look(before: int, after: int, n: int) -> None:
    of_ = of()
    found = seen(of_, version(of_, seed, before), version(of_, turned, after))
    assert found.seeds == tuple(range(10, 10 + n))
    assert found.n == n
    assert found.before == Sample(tuple(float(each) for each in found.seeds))
    assert found.after == Sample(tuple(-float(each) for each in found.seeds))


def test_of_two_arms_a_seed_counts_where_both_have_it() -> None:
    of_ = of(kind="ordering", versus="b")

    def level(run: Run) -> float:
        return run.seed + (100.0 if run.arm == "b" else 0.0)

    old, new = version(of_, level), version(of_, level)
    found = seen(of_, but(old, ids(old, "a", 11)), but(new, ids(new, "b", 13)))
    assert found.seeds == (10, 12, 14, 15)
    assert found.before == found.after == Sample((10.0, 12.0, 14.0, 15.0), (110.0, 112.0, 114.0, 115.0))


def test_a_failed_run_is_none_and_a_diverged_one_is_a_seed_without_a_number() -> None:
    of_ = of()
    old = version(of_, seed)
    (failed,), (diverged,) = ids(old, "a", 10), ids(old, "a", 11)
    new = {**old, failed: ended(old[failed], "failed"), diverged: ended(old[diverged], "diverged")}
    found = seen(of_, old, new)
    assert found.seeds == (11, 12, 13, 14, 15)
    assert found.after == Sample((None, 12.0, 13.0, 14.0, 15.0))


def test_of_a_trend_a_seed_has_its_statistic_where_every_level_has_a_number() -> None:
    """A ratio: 2 as a rule; of seed 11 there is none, its first number being 0."""
    of_ = of(SIZES, kind="trend", over="size", statistic="ratio")

    def level(run: Run) -> float:
        return 0.0 if (run.seed, run.levels["size"]) == (11, 8.0) else float(run.levels["size"])

    old = version(of_, level)
    (diverged,), (failed,) = ids(old, "a", 12, size=16.0), ids(old, "a", 13, size=16.0)
    new = {**old, diverged: ended(old[diverged], "diverged"), failed: ended(old[failed], "failed")}
    found = seen(of_, old, but(new, ids(old, "a", 14, size=8.0)))
    assert found.seeds == (10, 11, 12, 15)
    assert found.before == Sample((2.0, None, 2.0, 2.0), finished=(1,))
    assert found.after == Sample((2.0, None, None, 2.0), finished=(1,))


def test_of_draws_each_is_one_run_numbered_by_its_place() -> None:
    """The third draw is there before alone, and the fifth after alone; the sixth has diverged now."""
    of_ = of(DRAWS, kind="paired_rate", versus="b", over="draw", cut=0.0, margin=0.5)

    def level(run: Run) -> float:
        return float(run.levels["draw"]) * (-1 if run.arm == "b" else 1)

    old, new = version(of_, level, 1), version(of_, lambda run: 10 * level(run), 1)
    (diverged,) = ids(new, "a", draw=6.0)
    new[diverged] = ended(new[diverged], "diverged")
    found = seen(of_, but(old, ids(old, "b", draw=5.0)), but(new, ids(new, "a", draw=3.0)))
    kept = (1.0, 2.0, 4.0, 6.0, *(float(each) for each in range(7, 13)))
    assert found.seeds == (10, 11, 13, *range(15, 22))
    assert found.before == Sample(kept, tuple(-each for each in kept))
    assert found.after == Sample(
        tuple(None if each == 6 else 10 * each for each in kept), tuple(-10 * each for each in kept)
    )


@pytest.mark.parametrize(("better", "by"), [("higher", 1), ("lower", -1)])
def test_of_a_paired_rate_it_is_which_arm_alone_succeeds(better: str, by: int) -> None:
    rule = msgspec.structs.replace(ABOVE, kind="paired_rate", versus="b", cut=0.0, better=better)
    both = Sample((1.0, 1.0, -1.0, -1.0, None, 1.0), (1.0, -1.0, 1.0, -1.0, 1.0, None))
    np.testing.assert_array_equal(effects(rule, both), by * np.array([0.0, 1.0, -1.0, 0.0, -1.0, 1.0]))


def test_of_an_equivalence_of_two_arms_it_is_their_difference() -> None:
    rule = msgspec.structs.replace(ABOVE, kind="equivalence", versus="b", better=None)
    found = effects(rule, Sample((5.0, 2.0, math.inf), (3.0, 4.0, math.inf)))
    np.testing.assert_array_equal(found, [2.0, -2.0, math.inf])
