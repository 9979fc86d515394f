"""Runs: how far their series part, and which belong together."""

import itertools
from functools import partial

import msgspec
import numpy as np
import pytest

from suite.compare import compare as comparing
from suite.compare.attribution import reasons
from suite.compare.deviation import deviation
from suite.compare.join import Pair, join, newest
from suite.compare.noise import Floors
from suite.compare.runs import run_change
from suite.compare.side import Side
from suite.series import Series
from suite.spec.schema import Borrowed
from suite.store.record import Measured, Record
from suite.study import Study
from tests.compare.versions import (
    ABOVE,
    between,
    claim_of,
    ended,
    held_against,
    spread,
    study,
    trained,
    version,
)
from tests.training.settings import run, setting

OF = study()
CHANGED = study(arms={"a": setting(batch_size=8), "b": setting(loss="minimax")})
"""The same experiment, one arm of it at another setting."""
SWEPT = study(overrides=("batch_size=8",), arms={"a": setting(batch_size=8), "b": setting(batch_size=9)})
"""The same experiment, varied."""


def series(*values: float, name: str = "losses.critic", start: int = 0) -> dict[str, Series]:
    """One series, a point an iteration."""
    return {name: Series(np.arange(start, start + len(values)), np.array(values))}


def test_equal_series_do_not_part() -> None:
    assert deviation(series(1.0, np.nan, np.inf), series(1.0, np.nan, np.inf)) is None
    assert deviation({}, {}) is None


def test_the_largest_deviation_is_a_share_of_the_scale() -> None:
    found = deviation(series(1.0, -10.0, 3.0), series(1.0, -10.5, 5.0))
    assert found is not None
    assert (found.quantity, found.at, found.first) == ("losses.critic", 2, 1)
    assert found.largest == pytest.approx(2 / 10.5)


def test_one_bit_is_enough() -> None:
    found = deviation(series(1.0, 2.0), series(1.0, np.nextafter(2.0, 3.0)))
    assert found is not None
    assert found.first == 1
    assert 0 < found.largest < 1e-15


def test_the_first_iteration_is_that_of_any_quantity() -> None:
    before = {**series(1.0, 2.0, 3.0), **series(5.0, 5.0, 5.0, name="quality.w1")}
    after = {**series(1.0, 2.0, 9.0), **series(5.0, 5.1, 5.0, name="quality.w1")}
    found = deviation(before, after)
    assert found is not None
    assert (found.quantity, found.at, found.first, found.first_quantity) == (
        "losses.critic",
        2,
        1,
        "quality.w1",
    )
    assert found.told.startswith("from iteration 1 on (quality.w1), at most by 0.67 of its scale")


def test_where_both_have_no_number_they_are_not_apart() -> None:
    found = deviation(series(np.nan, 1.0, 2.0), series(np.nan, 1.0, 4.0))
    assert found is not None
    assert (found.at, found.largest) == (2, 0.5)


def test_a_number_and_none_are_infinitely_far_apart() -> None:
    found = deviation(series(1.0, np.nan), series(1.0, 2.0))
    assert found is not None
    assert found.largest == np.inf


def test_a_series_that_ends_early_parts_where_it_ends() -> None:
    found = deviation(series(1.0, 2.0, 3.0), series(1.0, 2.0))
    assert found is not None
    assert (found.first, found.largest) == (2, 0.0)
    both = deviation(series(1.0, 2.0, 3.0), series(1.0, 9.0))
    assert both is not None
    assert both.first == 1


def test_a_series_of_one_side_alone_parts_where_it_begins_if_no_other_does() -> None:
    new = series(5.0, 6.0, name="quality.new", start=3)
    found = deviation(series(1.0, 2.0), {**series(1.0, 2.0), **new})
    assert found is not None
    assert (found.first, found.first_quantity, found.largest) == (3, "quality.new", 0.0)
    found = deviation(series(1.0, 2.0), {**series(1.0, 4.0), **new})
    assert found is not None
    assert (found.first, found.first_quantity, found.largest) == (1, "losses.critic", 0.5)


def test_series_of_zeros_have_a_scale_too() -> None:
    found = deviation(series(0.0, 0.0), series(0.0, 1e-9))
    assert found is not None
    assert found.largest == 1.0


def test_changed_runs_are_measured_apart() -> None:
    old, new = version(OF, spread(3)), version(OF, spread(5), name="b" * 12)

    found = held_against(OF, old, new, (lambda run_id: series(1.0, 2.0), lambda run_id: series(1.0, 4.0)))
    assert all(run.deviation is not None and run.deviation.first == 1 for run in found.runs)
    equal = held_against(OF, old, new, (lambda run_id: series(1.0), lambda run_id: series(1.0)))
    assert {run.note for run in equal.runs} == {"its series are equal, its final parameters are not"}
    for sides in (
        (None, None),
        (None, lambda run_id: series(1.0)),
        (lambda run_id: series(1.0), lambda run_id: {}),
    ):
        lost = held_against(OF, old, new, sides)
        assert all((run.deviation, run.note) == (None, "") for run in lost.runs)


def test_of_very_many_changed_runs_some_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "READ", 5)
    both = (lambda run_id: series(1.0), lambda run_id: series(2.0))
    found = held_against(OF, version(OF, spread(3)), version(OF, spread(5)), both)
    read = [place for place, run in enumerate(found.runs) if run.deviation is not None]
    assert (read, found.unread) == ([0, 3, 6, 9], 8)


@pytest.mark.parametrize(("limit", "unread"), [(12, 0), (11, 6)])
def test_all_changed_runs_are_read_as_long_as_they_are_few(
    monkeypatch: pytest.MonkeyPatch, limit: int, unread: int
) -> None:
    monkeypatch.setattr(comparing, "READ", limit)
    both = (lambda run_id: series(1.0), lambda run_id: series(2.0))
    assert held_against(OF, version(OF, spread(3)), version(OF, spread(5)), both).unread == unread


def test_only_runs_that_were_compared_are_read_beside_each_other() -> None:
    """Not one of another setting, nor one that only one side has."""
    old, new = version(OF, spread(3)), version(CHANGED, spread(5))
    asked = set[str]()

    def noted(run_id: str) -> dict[str, Series]:
        asked.add(run_id)
        return series(1.0)

    more = version(CHANGED, spread(5), seeds=7)
    found = held_against(CHANGED, old, {**more, **new}, (noted, noted))
    assert {run.mark for run in found.runs} == {"not comparable", "changed", "new"}
    assert asked == {run.id for run in found.runs if run.mark == "changed"}
    assert found.unread == 0
    assert held_against(OF, old, old, (noted, noted)).unread == 0


def test_a_claim_without_any_run_is_counted_and_other_runs_of_a_place_are_left_over() -> None:
    """Of two claims one has no run. Of four such runs one is another side's own."""
    claims = {"claim": ABOVE, "of b": msgspec.structs.replace(ABOVE, arm="b")}
    two = study(claims=claims)
    of_a = {name: found for name, found in version(two, spread(3)).items() if found.run.arm == "a"}
    first, *_ = of_a
    sides = (
        Side("old", "", of_a, others=frozenset({"other", "of before"})),
        Side("new", "", of_a, others=frozenset({"other", "of after", first})),
    )
    found = comparing.compare([two], *sides)
    assert (len(found.claims), found.silent, found.left_over) == (1, 1, 3)


# --- Marks of runs --------------------------------------------------------------------------


def change(before: Record, after: Record) -> tuple[str, str]:
    """The mark of a run, and the note beside it."""
    found = run_change("id", Pair("id", before, after), Floors(), partial(reasons, between=between))
    return found.mark, found.note


def test_each_way_to_end_is_better_than_the_one_before() -> None:
    found = trained(OF, run(), 1.0)
    failed, diverged = ended(found, "failed"), ended(found, "diverged")
    for worse, better in ((failed, diverged), (diverged, found), (failed, found)):
        assert change(better, worse)[0] == "new failure"
        assert change(worse, better)[0] == "fixed"
    other = msgspec.structs.replace(failed, digest="other")
    assert change(failed, other) == ("not comparable", "failed on both sides")


def test_what_one_side_alone_was_measured_with_keeps_no_run_from_being_compared() -> None:
    found = trained(OF, run(), 1.0, instruments={"classifier": "one"})
    other = trained(OF, run(), 2.0, instruments={"classifier": "one", "inception": "two"})
    assert change(found, other) == change(other, found) == ("changed", "")
    unlike = trained(OF, run(), 2.0, instruments={"classifier": "two"})
    assert change(found, unlike) == ("not comparable", "measured with another network")


def test_other_metrics_of_the_same_bits_are_those_taken_alike() -> None:
    """Not one that is equal, nor one that was defined otherwise, nor one that one side alone has."""
    numbers = {"same": Measured(1.0, "p"), "other": Measured(1.0, "p"), "defined": Measured(1.0, "p")}
    others = {"same": Measured(1.0, "p"), "other": Measured(2.0, "p"), "defined": Measured(2.0, "q")}
    before = trained(OF, run(), 1.0, metrics={**numbers, "gone": Measured(1.0, "p")})
    after = trained(OF, run(), 1.0, metrics={**others, "came": Measured(1.0, "p")})
    assert change(before, after) == ("changed", "the same bits give other metrics: other")
    alike = trained(OF, run(), 1.0, metrics={**others, "other": numbers["other"]})
    assert change(before, alike) == ("identical", "")


def test_other_experiments_and_scales_take_no_part() -> None:
    records = version(OF, spread(3))
    other = {
        f"{name}x": msgspec.structs.replace(r, run=msgspec.structs.replace(r.run, **change))
        for change in ({"experiment": "p/other"}, {"scale": "gpu"})
        for name, r in records.items()
    }
    assert len(held_against(OF, {**records, **other}, records).runs) == 12


def test_runs_of_variants_that_nobody_asked_for_take_no_part() -> None:
    """Not those of a sweep, whatever its folder has besides; nor the others where the sweep is asked for."""
    whole, swept = version(OF, spread(3)), version(SWEPT, spread(3))
    found = held_against(OF, {**whole, **swept}, whole)
    assert [run.mark for run in found.runs] == ["identical"] * 12
    found = held_against(SWEPT, {**whole, **swept}, swept)
    assert [run.mark for run in found.runs] == ["identical"] * 12


def test_a_run_that_a_variant_asked_for_first_counts() -> None:
    """Equal settings are one run: here the override is of the claim alone."""
    varied = study(overrides=("claims.claim.margin=0.5",))
    found = held_against(OF, version(varied, spread(3)), version(OF, spread(3)))
    assert [run.mark for run in found.runs] == ["identical"] * 12
    assert claim_of(found).mark != "missing"


def test_what_a_version_has_beyond_what_is_asked_for_now_counts() -> None:
    """An arm that is no more, and seeds beyond the last look."""
    more = study(arms={**OF.experiment.arms, "c": setting(batch_size=9)})
    found = held_against(OF, version(more, spread(3), seeds=13), version(OF, spread(3)))
    assert sorted(run.mark for run in found.runs) == ["identical"] * 12 + ["missing"] * 27


def renamed(of: Study, name: str) -> Study:
    """The same study as one of another experiment."""
    return Study(of.paper, msgspec.structs.replace(of.experiment, id=name), of.scale, of.overrides, of.path)


def test_of_a_lender_the_arms_that_it_lends_count() -> None:
    borrower = study(borrowed={"a": Borrowed(experiment="p/lender", arm="a")})
    own, its = version(borrower, spread(3)), version(renamed(OF, "p/lender"), spread(3))
    assert sorted({run.id[:10] for run in held_against(borrower, {**its, **own}, own).runs}) == [
        "p.lender.a",
        "p.test.b.s",
    ]
    swept = version(renamed(SWEPT, "p/lender"), spread(3))
    assert [run.mark for run in held_against(borrower, {**swept, **own}, own).runs] == ["identical"] * 12


def test_arms_are_lent_to_variants_too() -> None:
    lent = {"a": Borrowed(experiment="p/lender", arm="a")}
    borrower = study(borrowed=lent, arms=SWEPT.experiment.arms, overrides=SWEPT.overrides)
    before, after = (version(borrower, spread(3), seeds=count) for count in (13, 12))
    assert sorted(run.mark for run in held_against(borrower, before, after).runs) == ["identical"] * 24 + [
        "missing", "missing"
    ]  # fmt: skip


def test_of_several_records_of_a_name_the_last_written_counts() -> None:
    days = [trained(OF, run(), float(day), ended=f"2026-01-0{day}") for day in (1, 2, 3)]
    for order in itertools.permutations(days):
        assert [found.ended for found in newest(order).values()] == ["2026-01-03"]


def test_what_is_left_over_is_joined_on_its_name_the_newest_first() -> None:
    old = version(study(arms={"a": OF.experiment.arms["b"]}), spread(3))
    new = version(study(arms={"a": OF.experiment.arms["a"]}), spread(3))
    early = {name: msgspec.structs.replace(r, ended="2019-01-01") for name, r in old.items()}
    found = join({**early}, new)
    assert len(found.pairs) == 6
    assert all(pair.before is not None and pair.after is not None for pair in found.pairs.values())
    assert all(pair.id == pair.run.id in new for pair in found.pairs.values())
    assert found.left_over == 0
