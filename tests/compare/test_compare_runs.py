"""Runs: how far their series part, and which belong together."""

import msgspec
import numpy as np
import pytest

from suite.compare import compare as comparing
from suite.compare.deviation import deviation
from suite.compare.join import join
from suite.series import Series
from suite.spec.schema import Borrowed
from suite.study import Study
from tests.compare.versions import claim_of, held_against, spread, study, version
from tests.training.settings import setting

OF = study()
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
    none = held_against(OF, old, new)
    assert all(run.deviation is None for run in none.runs)


def test_of_very_many_changed_runs_some_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "READ", 5)
    both = (lambda run_id: series(1.0), lambda run_id: series(2.0))
    found = held_against(OF, version(OF, spread(3)), version(OF, spread(5)), both)
    assert sum(run.deviation is not None for run in found.runs) == 4
    assert found.unread == 8


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


def test_what_is_left_over_is_joined_on_its_name_the_newest_first() -> None:
    old = version(study(arms={"a": OF.experiment.arms["b"]}), spread(3))
    new = version(study(arms={"a": OF.experiment.arms["a"]}), spread(3))
    early = {name: msgspec.structs.replace(r, ended="2019-01-01") for name, r in old.items()}
    found = join({**early}, new)
    assert len(found.pairs) == 6
    assert all(pair.before is not None and pair.after is not None for pair in found.pairs.values())
    assert all(pair.id == pair.run.id in new for pair in found.pairs.values())
    assert found.left_over == 0
