"""Power against closed forms, against the judge itself, and the committed table."""

import json
import subprocess
import sys
from itertools import product
from math import comb
from pathlib import Path
from statistics import NormalDist
from typing import Any

import msgspec
import numpy as np
import pytest
from scipy.stats import binom, multivariate_normal

from suite.judge import power as module
from suite.judge.intervals import location_interval, shift_interval
from suite.judge.levels import level
from suite.judge.power import FAMILIES, LOOKS, TABLE, Family, Power, RatePower, detectable, power, simulated
from suite.judge.simulate import CHUNK, SEED, interval_ends, share_reproduced
from suite.judge.verdict import Sample, judge
from suite.spec.claim_checks import MOST_TIMES
from suite.spec.schema import Claim


def claim(kind: Any, looks: tuple[int, ...], **fields: Any) -> Claim:
    kept = {"better": "higher", "versus": "b" if kind == "ordering" else None} | fields
    return Claim(says="it holds", kind=kind, metric="m", arm="a", looks=looks, **kept)


def found(kind: Any, looks: tuple[int, ...], **fields: Any) -> Power:
    answer = power(claim(kind, looks, **fields))
    assert isinstance(answer, Power)
    return answer


def test_five_seeds_of_one_arm_decide_when_all_are_above_the_margin() -> None:
    exact = [NormalDist().cdf(d) ** 5 for d in (1, 1.5, 2, 3)]
    five = found("threshold", (5,))
    assert [five.d1, five.d15, five.d2, five.d3] == pytest.approx(exact, abs=0.014)


def test_a_simulation_finds_the_closed_form() -> None:
    """Within four standard errors; 0.8^(1/5) is the normal distribution at 1.71: 1.75 on a grid of 0.05."""
    shares = [NormalDist().cdf(d) ** 5 for d in (1, 1.5, 2, 3)]
    five = simulated("one", (5,))
    for share, d in zip(shares, (five.d1, five.d15, five.d2, five.d3), strict=True):
        assert d == pytest.approx(share, abs=4 * (share * (1 - share) / 20_000) ** 0.5 + 0.0005)
    assert five.detectable == 1.75


def test_power_of_two_arms_of_five() -> None:
    # 0.40, 0.67 and 0.87 by an earlier, independent simulation.
    five = found("ordering", (5,))
    assert [five.d1, five.d15, five.d2] == pytest.approx([0.40, 0.67, 0.87], abs=0.015)


def test_seeds_that_cannot_reach_the_level_have_no_power() -> None:
    assert found("trend", (4,)) == Power(0.0, 0.0, 0.0, 0.0, None)


@pytest.mark.parametrize(("family", "looks"), [("one", (6, 12)), ("two", (5,)), ("two banded", (6,))])
def test_the_committed_table_is_what_the_code_computes(family: Family, looks: tuple[int, ...]) -> None:
    kind = {"one": "trend", "two": "ordering", "two banded": "equivalence"}[family]
    again, table = simulated(family, looks), found(kind, looks, margin=1.0, versus="b")
    assert [again.d1, again.d15, again.d2, again.d3] == pytest.approx(
        [table.d1, table.d15, table.d2, table.d3], abs=0.015
    )
    assert again.detectable == pytest.approx(table.detectable, abs=0.051)


def test_the_committed_table_is_complete() -> None:
    kinds = {"one": ("trend", None), "two": ("ordering", "b")}
    banded = {"one banded": ("equivalence", None), "two banded": ("equivalence", "b")}
    assert set(FAMILIES) == set(kinds | banded)
    for (kind, versus), looks in product((kinds | banded).values(), LOOKS):
        listed = found(kind, looks, margin=1.0, versus=versus)
        assert 0 <= listed.d1 <= listed.d15 <= listed.d2 <= listed.d3 <= 1


def test_the_table_has_the_looks_that_it_is_written_for() -> None:
    table = json.loads(TABLE.read_text())
    assert {name: list(rows) for name, rows in table.items()} == {
        family: [",".join(map(str, looks)) for looks in LOOKS] for family in FAMILIES
    }


def test_looks_in_the_table_are_not_simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> Power:
        raise AssertionError("simulated")

    monkeypatch.setattr(module, "simulated", never)
    assert found("trend", (6, 12)).d3 > 0.9
    with pytest.raises(AssertionError, match="simulated"):
        found("trend", (7,))


def test_the_table_is_written_as_it_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = msgspec.json.decode(TABLE.read_bytes(), type=dict[str, dict[str, Power]])
    looked_up: Any = lambda family, looks: kept[family][",".join(map(str, looks))]  # noqa: E731
    monkeypatch.setattr(module, "simulated", looked_up)
    monkeypatch.setattr(module, "TABLE", tmp_path / "table.json")
    module.main()
    assert (tmp_path / "table.json").read_bytes() == TABLE.read_bytes()


def test_looks_outside_the_table_are_simulated() -> None:
    seven = found("threshold", (7,))
    assert found("threshold", (6,)).d1 < seven.d1 < found("threshold", (8,)).d1 + 0.02


@pytest.mark.parametrize("kind", ["threshold", "ordering", "equivalence"])
def test_power_is_how_often_the_judge_says_reproduced(kind: str) -> None:
    # At d = 1.5, for an equivalence to the centre of a band of that half-width.
    asked = claim(kind, (6, 12), margin=1.5 if kind == "equivalence" else 0.0)
    effect = 0.0 if kind == "equivalence" else 1.5
    random, reproduced = np.random.default_rng(8), 0
    for _ in range(400):
        arm, versus = random.standard_normal((2, 12))
        other = tuple(versus) if kind == "ordering" else None
        reproduced += judge(asked, Sample(tuple(arm + effect), other)).verdict == "reproduced"
    expected = found(kind, (6, 12), margin=asked.margin).d15
    assert reproduced / 400 == pytest.approx(expected, abs=4 * (0.25 / 400) ** 0.5 * 0.6)


def test_levels_hold_for_many_seeds_where_a_look_doubles_the_one_before() -> None:
    def misled(times: float) -> float:
        alike = times**-0.5
        highest = NormalDist().inv_cdf(1 - level((1, 2)))
        law = multivariate_normal([0, 0], [[1, alike], [alike, 1]])
        return 1 - float(law.cdf([highest, highest]))

    assert misled(MOST_TIMES) < 0.05 < misled(MOST_TIMES + 0.5)


@pytest.mark.parametrize("arms", [1, 2])
@pytest.mark.parametrize("looks", [(6, 12), (5, 10), (5, 10, 20), (18, 36), (10, 19, 38)])
def test_looking_as_declared_keeps_false_reproduced_near_five_percent(
    arms: int, looks: tuple[int, ...]
) -> None:
    assert 0.015 < share_reproduced(interval_ends(arms, looks), 0.0, banded=False) <= 0.055


def test_an_equivalence_at_the_end_of_its_band_is_seldom_reproduced() -> None:
    ends = interval_ends(2, (6, 12))
    shifted = [(low + 2.0, high + 2.0) for low, high in ends]
    assert share_reproduced(shifted, 2.0, banded=True) <= 0.055


def test_detectable_is_the_smallest_distance_with_a_power_of_eighty_percent() -> None:
    # 0.8^(1/5) = 0.9564 is the normal distribution at 1.71, and the grid's next step is 1.75.
    assert detectable(claim("threshold", (5,))) == 1.75
    assert detectable(claim("threshold", (4,))) is None
    assert detectable(claim("rate", (5,), cut=0.0, margin=0.5)) is None


def test_an_identity_has_no_power() -> None:
    assert power(claim("identity", (1,))) is None


def test_power_of_a_rate_in_closed_form() -> None:
    answer = power(claim("rate", (5,), cut=0.0, margin=0.5))
    assert isinstance(answer, RatePower)
    assert (answer.at_best, answer.at_margin) == (1.0, 1 / 32)
    assert answer.best_bound == pytest.approx(0.549, abs=1e-3)


def test_a_low_rate_mirrors_a_high_one() -> None:
    low = power(claim("rate", (6, 12), better="lower", cut=0.0, margin=0.25))
    high = power(claim("rate", (6, 12), cut=0.0, margin=0.75))
    assert isinstance(low, RatePower)
    assert isinstance(high, RatePower)
    assert (low.at_best, low.at_margin) == (high.at_best, high.at_margin)
    assert low.best_bound == pytest.approx(1 - high.best_bound)


def test_too_few_seeds_cannot_show_a_high_rate() -> None:
    answer = power(claim("rate", (5,), cut=0.0, margin=0.9))
    assert isinstance(answer, RatePower)
    assert (answer.at_best, answer.at_margin) == (0.0, 0.0)


@pytest.mark.parametrize(("seeds", "margin"), [(1, 0.05), (5, 1.0)])
def test_a_rate_that_cannot_be_shown_has_no_power(seeds: int, margin: float) -> None:
    """One success at a margin of 0.05 has p = 0.05, which is not below the level; none is beyond 1."""
    asked = claim("rate", (seeds,), cut=0.0, margin=margin)
    answer = power(asked)
    assert isinstance(answer, RatePower)
    assert (answer.at_best, answer.at_margin) == (0.0, 0.0)
    assert judge(asked, Sample((1.0,) * seeds)).verdict == "inconclusive"


def test_power_of_a_rate_over_two_looks_equals_enumeration_through_the_judge() -> None:
    asked = claim("rate", (2, 6), cut=0.5, margin=0.4)
    share = 0.0
    for seeds in product((0.0, 1.0), repeat=6):
        if judge(asked, Sample(seeds)).verdict == "reproduced":
            share += 0.4 ** sum(seeds) * 0.6 ** (6 - sum(seeds))
    answer = power(asked)
    assert isinstance(answer, RatePower)
    assert 0 < answer.at_margin == pytest.approx(share)


def test_a_rate_refuted_at_the_first_look_is_not_reproduced_at_the_second() -> None:
    # Half of all seeds succeed: 0 of 6 refutes, 6 of 6 reproduces, and 21 of 30 are needed then.
    answer = power(claim("rate", (6, 30), cut=0.0, margin=0.5))
    assert isinstance(answer, RatePower)
    later = sum(comb(6, s) / 64 * binom.sf(20 - s, 24, 0.5) for s in range(1, 6))
    assert answer.at_margin == pytest.approx(1 / 64 + later, rel=1e-9)


def test_a_draw_refuted_at_the_first_look_is_not_reproduced_at_the_second() -> None:
    first = (np.array([-9.0, -9.0]), np.array([-2.0, 9.0]))
    second = (np.array([0.0, 0.0]), np.array([9.0, 9.0]))
    assert share_reproduced([first, second], 1.0, banded=False) == 0.5


@pytest.mark.parametrize(
    ("looks", "banded", "share"),
    [
        ([(-1.0, 9.0)], False, 0),
        ([(-0.9, 9.0)], False, 1),
        ([(-0.5, 1.0)], True, 0),
        ([(-0.5, 0.9)], True, 1),
        ([(-9.0, -1.0), (0.0, 9.0)], False, 1),
        ([(-9.0, -1.1), (0.0, 9.0)], False, 0),
        ([(1.0, 9.0), (0.0, 0.5)], True, 1),
        ([(1.1, 9.0), (0.0, 0.5)], True, 0),
        ([(1.0, 9.0), (0.0, 0.5)], False, 1),
    ],
)
def test_an_end_on_the_margin_is_not_beyond_it(
    looks: list[tuple[float, float]], banded: bool, share: int
) -> None:
    """The margin is at -1; a band is from -1 to 1."""
    ends = [(np.array([low]), np.array([high])) for low, high in looks]
    assert share_reproduced(ends, 1.0, banded) == share


@pytest.mark.parametrize("arms", [1, 2])
def test_simulated_intervals_are_the_judges_own(arms: int) -> None:
    """Of the seeds that the simulation draws first."""
    seeds = np.random.default_rng(SEED).standard_normal((CHUNK, arms, 12))[:20]
    for n, (lows, highs) in zip((5, 12), interval_ends(arms, (5, 12), 20), strict=True):
        rows = [tuple(row[:, :n]) for row in seeds]
        found = [location_interval(*row, 0.03) if arms == 1 else shift_interval(*row, 0.03) for row in rows]
        assert lows.tolist() == [each.low for each in found]
        assert highs.tolist() == [each.high for each in found]


def test_looking_up_the_table_imports_neither_numpy_nor_scipy() -> None:
    program = (
        "import sys; from suite.judge.power import power; from suite.spec.schema import Claim\n"
        "c = Claim(says='', kind='trend', metric='m', arm='a', better='lower', looks=(6, 12))\n"
        "assert power(c).d1 > 0.8; sys.exit(len({'numpy', 'scipy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
