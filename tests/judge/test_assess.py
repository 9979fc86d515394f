"""From records to verdicts: what is missing, failed, diverged, edited or measured otherwise since."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from suite.judge.assess import ClaimResult, assess, next_runs
from suite.judge.measures import measured as metric_of
from suite.metrics.reduce import protocol
from suite.series import Series
from suite.spec import schema
from suite.spec.runs import FIRST_SEED, Run
from suite.store.record import Measured, Record, State
from suite.study import SPARE_SEEDS, Study
from tests.launch.records import record
from tests.training.settings import setting

PAPER = schema.Paper(id="p", title="", authors="", year=2020, venue="", url="", bibtex="")
LOSS = schema.Metric(series="losses.critic")
HIGHER = schema.Claim(
    says="a is higher", kind="ordering", metric="loss", arm="a", versus="b", better="higher", looks=(4, 8)
)
TREND = schema.Claim(
    says="it grows", kind="trend", metric="loss", arm="a", better="higher", over="size", looks=(5,)
)
SIZES = {"size": schema.Factor(at="batch_size", values=(8.0, 16.0, 32.0))}


def study(claim: schema.Claim = HIGHER, scale: schema.Scale = "desk", **fields: Any) -> Study:
    """Two arms and one claim."""
    experiment = schema.Experiment(
        id="p/test",
        title="",
        paper="p",
        **{
            "arms": {"a": setting(), "b": setting(loss="minimax"), "null": setting(batch_size=8)},
            "metrics": {"loss": LOSS},
            "claims": {"claim": claim},
        }
        | fields,
    )
    return Study(PAPER, experiment, scale, (), Path("test.yaml"))


Level = Callable[[Run], float | None]


def measured(of: Study, level: Level, seeds: int, state: State = "finished") -> dict[str, Record]:
    """A record of each condition's first seeds; None leaves a run out."""
    runs = [run for condition in of.conditions for run in of.runs(condition, seeds)]
    return {run.id: one(of, run, value, state) for run in runs if (value := level(run)) is not None}


def one(of: Study, run: Run, value: float, state: State = "finished", **fields: Any) -> Record:
    how = protocol(of.experiment.metrics["loss"], run.setting.probes)
    fields = {"criteria": of.criteria} | fields
    return record(run, state, {"loss": Measured(value, how)}, **fields)


def by_arm(run: Run) -> float:
    """Arm a is higher than b by 10, whatever the seed."""
    return {"a": 10.0, "b": 0.0, "null": 0.0}[run.arm] + run.seed / 100


def alike(run: Run) -> float:
    """The arms' seeds interleave."""
    return run.seed + (0.5 if run.arm == "a" else 0.0) * (-1) ** run.seed


def judged(of: Study, records: Mapping[str, Record]) -> ClaimResult:
    (result,) = assess(of, records, no_series)
    return result


def no_series(run_id: str) -> Mapping[str, Series]:
    raise AssertionError("recorded metrics need no series")


def first(of: Study, arm: str, seed: int = 10) -> Run:
    """An arm's run of one seed."""
    (condition,) = of.matching(arm, {})
    return next(run for run in of.runs(condition, 12) if run.seed == seed)


def test_a_verdict_names_the_runs_it_rests_on() -> None:
    of = study()
    result = judged(of, measured(of, by_arm, 8))
    assert result.id == "p/test:claim"
    assert result.judgement.verdict == "reproduced"
    assert result.judgement.n == 4
    assert sorted(result.run_ids) == sorted(first(of, arm, s).id for arm in "ab" for s in range(10, 14))
    assert not result.post_hoc


def test_missing_seeds_are_told() -> None:
    of = study()
    result = judged(of, measured(of, lambda r: by_arm(r) if r.seed < 13 else None, 4))
    assert result.judgement.verdict == "not evaluated"
    assert result.judgement.reason == "has 3 of 4 seeds"
    assert judged(of, {}).judgement.reason == "has 0 of 4 seeds"


def test_a_gap_among_the_seeds_ends_them() -> None:
    of = study()
    result = judged(of, measured(of, lambda r: None if (r.arm, r.seed) == ("b", 11) else by_arm(r), 8))
    assert result.judgement.reason == "has 1 of 4 seeds"


def test_a_failed_run_keeps_the_claim_from_a_verdict() -> None:
    of = study()
    records = measured(of, by_arm, 4)
    bad = first(of, "b", 12)
    records[bad.id] = record(bad, "failed", reason="out of memory")
    judgement = judged(of, records).judgement
    assert judgement.verdict == "not evaluated"
    assert judgement.reason == f"run {bad.id} failed: out of memory"


def test_a_failed_run_that_no_look_uses_changes_nothing() -> None:
    """Another claim may have asked for the seeds of a later look."""
    of = study()
    records = measured(of, by_arm, 8)
    decided = judged(of, records).judgement
    bad = first(of, "a", 15)
    records[bad.id] = record(bad, "failed", reason="out of memory")
    assert judged(of, records).judgement == decided
    undecided = measured(of, alike, 8)
    undecided[bad.id] = records[bad.id]
    assert judged(of, undecided).judgement.reason == f"run {bad.id} failed: out of memory"


def test_a_diverged_run_ranks_worst() -> None:
    """Not left out: four seeds above and four diverged below is as one-sided as can be."""
    of = study()
    records = measured(of, by_arm, 4)
    for seed in range(10, 14):
        bad = first(of, "b", seed)
        records[bad.id] = one(of, bad, 1e9, "diverged")
    judgement = judged(of, records).judgement
    assert judgement.verdict == "reproduced"
    assert judgement.versus == (None,) * 4
    for seed in range(10, 14):
        bad = first(of, "a", seed)
        records[bad.id] = one(of, bad, 1e9, "diverged")
        records |= measured(of, lambda r: by_arm(r) if r.arm == "b" else None, 4)
    assert judged(of, records).judgement.verdict == "refuted"


def test_a_finished_run_without_a_value_is_told() -> None:
    of = study()
    records = measured(of, by_arm, 4)
    bad = first(of, "a", 11)
    records[bad.id] = one(of, bad, float("nan"))
    reason = judged(of, records).judgement.reason
    assert reason == f"run {bad.id} has no value of loss"


def test_smoke_scale_gives_no_verdict() -> None:
    of = study(scale="smoke")
    judgement = judged(of, measured(of, by_arm, 8)).judgement
    assert judgement.verdict == "not evaluated"
    assert "smoke" in judgement.reason


MISSING = "Pictures: no archive in data\n    get it: run data pictures"


def test_a_study_without_its_data_is_not_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("suite.study.missing", lambda data: MISSING)
    judgement = judged(study(), {}).judgement
    assert judgement.verdict == "not evaluated"
    assert judgement.reason == "not run: Pictures: no archive in data; get it: run data pictures"


def test_results_are_judged_even_where_their_data_are_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """They may have been made on another machine."""
    monkeypatch.setattr("suite.study.missing", lambda data: MISSING)
    of = study()
    assert judged(of, measured(of, by_arm, 4)).judgement.verdict == "reproduced"
    assert judged(of, measured(of, by_arm, 2)).judgement.reason == "has 2 of 4 seeds"


def with_instruments(
    records: Mapping[str, Record], names: Callable[[Run], dict[str, str]]
) -> dict[str, Record]:
    """The records as if their metrics had been measured with these networks."""
    return {
        name: msgspec.structs.replace(record, instruments=names(record.run))
        for name, record in records.items()
    }


def test_runs_measured_with_different_classifiers_are_not_compared() -> None:
    of = study()
    records = with_instruments(
        measured(of, by_arm, 4), lambda run: {"classifier": "new" if run.seed == 13 else "old"}
    )
    judgement = judged(of, records).judgement
    assert judgement.verdict == "not evaluated"
    assert judgement.reason == "its runs were measured with different networks: classifier"


def test_networks_that_only_one_arm_was_measured_with_do_not_count() -> None:
    of = study()
    records = with_instruments(
        measured(of, by_arm, 4),
        lambda run: {"classifier": "one"} | ({"inception": "two"} if run.arm == "a" else {}),
    )
    assert judged(of, records).judgement.verdict == "reproduced"


def test_a_criterion_edited_after_the_first_result_is_post_hoc() -> None:
    of = study()
    records = measured(of, by_arm, 4)
    edited = study(msgspec.structs.replace(HIGHER, margin=5.0))
    assert not judged(of, records).post_hoc
    assert judged(edited, records).post_hoc
    reworded = study(msgspec.structs.replace(HIGHER, says="b is lower", note="a note"))
    assert not judged(reworded, records).post_hoc


def test_a_level_left_out_after_the_first_result_is_post_hoc() -> None:
    """Its runs stay as they are, and the trend over the others is another one."""
    of = study(TREND, factors=SIZES)
    records = measured(of, lambda run: 32.0 - abs(run.levels["size"] - 16.0), 5)
    fewer = study(TREND, factors={"size": schema.Factor(at="batch_size", values=(8.0, 16.0))})
    assert judged(of, records).judgement.verdict == "refuted"
    assert not judged(of, records).post_hoc
    assert judged(fewer, records).judgement.verdict == "reproduced"
    assert judged(fewer, records).post_hoc


def test_later_results_under_the_new_criterion_do_not_make_it_prior() -> None:
    of, edited = study(), study(msgspec.structs.replace(HIGHER, margin=5.0))
    early = "2019-01-01T00:00:00+00:00"
    records = measured(edited, by_arm, 4)
    assert not judged(edited, records).post_hoc
    oldest = first(of, "a", 12)
    records[oldest.id] = one(of, oldest, by_arm(oldest), ended=early)
    assert judged(edited, records).post_hoc


def test_a_claim_added_after_the_results_is_post_hoc() -> None:
    of = study()
    runs = [run for condition in of.conditions for run in of.runs(condition, 4)]
    assert judged(of, {run.id: one(of, run, by_arm(run), criteria={}) for run in runs}).post_hoc


def test_without_results_nothing_is_post_hoc() -> None:
    assert not judged(study(), {}).post_hoc


@pytest.mark.parametrize(
    ("expect", "arm", "state"),
    [
        ("holds", "a", "as expected"),
        ("fails", "a", "not as expected"),
        ("holds", "null", "not as expected"),
        ("fails", "null", "as expected"),
    ],
)
def test_controls_are_judged_by_the_claims_own_rule(expect: Any, arm: str, state: str) -> None:
    control = schema.Control(expect=expect, arm=arm)
    of = study(msgspec.structs.replace(HIGHER, controls={"control": control}))
    (found,) = judged(of, measured(of, by_arm, 4)).controls
    assert (found.name, found.state) == ("control", state)


def test_a_control_without_runs_is_not_evaluated() -> None:
    control = schema.Control(expect="fails", arm="null")
    of = study(msgspec.structs.replace(HIGHER, controls={"control": control}))
    result = judged(of, measured(of, lambda r: None if r.arm == "null" else by_arm(r), 4))
    assert result.judgement.verdict == "reproduced"
    assert [each.state for each in result.controls] == ["not evaluated"]


def test_a_control_is_judged_on_the_claims_own_seeds_and_on_its_first_look_at_least() -> None:
    controls = {"control": schema.Control(expect="fails", arm="null")}
    of = study(msgspec.structs.replace(HIGHER, controls=controls))
    undecided = lambda r: alike(r) if r.arm == "null" else by_arm(r)  # noqa: E731
    records = measured(of, lambda r: r.seed + 0.25 if r.arm == "b" else undecided(r) + 99 * (r.arm == "a"), 8)
    (control,) = judged(of, records).controls
    assert (control.judgement.verdict, control.judgement.n) == ("inconclusive", 4)
    lost = {name: each for name, each in records.items() if (each.run.arm, each.run.seed) != ("a", 13)}
    result = judged(of, lost)
    assert result.judgement.reason == "has 3 of 4 seeds"
    assert result.controls[0].judgement.n == 4


def test_an_undecided_claims_control_is_judged_on_the_later_look_too() -> None:
    controls = {"control": schema.Control(expect="fails", arm="null")}
    of = study(msgspec.structs.replace(HIGHER, controls=controls))
    records = measured(of, lambda r: alike(r), 8)
    result = judged(of, records)
    assert result.judgement.n == 8
    assert result.controls[0].judgement.n == 8


def test_seeds_told_beside_a_failed_run_are_those_of_the_shorter_arm() -> None:
    of = study()
    bad = first(of, "b", 12)
    broken = {**measured(of, by_arm, 4), bad.id: record(bad, "failed", reason="out of memory")}
    assert judged(of, broken).judgement.n == 2


def test_a_run_of_a_later_level_that_failed_is_told() -> None:
    of = study(TREND, factors=SIZES)
    records = measured(of, lambda r: 1.0, 5)
    bad = next(
        each.run for each in records.values() if (each.run.levels["size"], each.run.seed) == (32.0, 12)
    )
    records[bad.id] = record(bad, "failed", reason="out of memory")
    assert judged(of, records).judgement.reason == f"run {bad.id} failed: out of memory"


@pytest.mark.parametrize("level", [by_arm, lambda run: -by_arm(run)])
def test_a_scale_too_small_for_a_claim_leaves_it_open_for_good(level: Level) -> None:
    of = study(msgspec.structs.replace(HIGHER, decided_from="gpu"))
    judgement = judged(of, measured(of, level, 8)).judgement
    assert judgement.verdict == "inconclusive"
    assert judgement.reason.startswith("desk scale cannot decide this claim, gpu scale could; the interval [")
    assert wanted(of, measured(of, level, 8)) == ()
    large = study(msgspec.structs.replace(HIGHER, decided_from="gpu"), "gpu")
    assert judged(large, measured(large, level, 8)).judgement.verdict in ("reproduced", "refuted")


def test_a_scale_too_small_asks_for_no_further_look_and_says_so() -> None:
    of, plain = study(msgspec.structs.replace(HIGHER, decided_from="paper")), study()
    found, open_ = (judged(each, measured(each, alike, 4)) for each in (of, plain))
    assert (found.next_look, open_.next_look) == (None, 8)
    assert (found.judgement.verdict, found.judgement.look, found.judgement.n) == ("inconclusive", 1, 4)
    without_more = open_.judgement.reason.removesuffix("; the next look is at 8")
    assert found.judgement.reason.endswith(f"paper scale could; {without_more}")
    assert wanted(of, measured(of, alike, 4)) == ()
    assert wanted(plain, measured(plain, alike, 4)) != ()


def test_a_scale_too_small_looks_once_whatever_else_was_trained() -> None:
    of = study(msgspec.structs.replace(HIGHER, decided_from="paper"))
    assert judged(of, measured(of, by_arm, 8)).judgement == judged(of, measured(of, by_arm, 4)).judgement


def test_a_scale_too_small_says_what_is_missing_as_any_other() -> None:
    of, plain = study(msgspec.structs.replace(HIGHER, decided_from="paper")), study()
    assert (
        judged(of, measured(of, by_arm, 2)).judgement == judged(plain, measured(plain, by_arm, 2)).judgement
    )


def test_a_control_is_judged_at_a_scale_too_small_for_the_claim() -> None:
    controls = {"control": schema.Control(expect="holds", arm="a")}
    of = study(msgspec.structs.replace(HIGHER, decided_from="gpu", controls=controls))
    result = judged(of, measured(of, by_arm, 4))
    (control,) = result.controls
    assert result.judgement.verdict == "inconclusive"
    assert (control.judgement.verdict, control.state) == ("reproduced", "as expected")


PACKED = schema.Metric(series="losses.critic", reduce="pack", use="nowhere/number")


@pytest.mark.parametrize("held", [{}, {"loss": Measured(7.0, "as its pack did it")}])
def test_a_metric_of_a_pack_that_is_not_here_is_what_the_run_said(held: dict[str, Measured]) -> None:
    of = study()
    run = first(of, "a")
    found = metric_of(record(run, "finished", held), "loss", PACKED, "a way", lambda: no_series(run.id))
    assert found == 7.0 if held else math.isnan(found)


def test_a_trend_is_taken_over_the_factor_seed_by_seed() -> None:
    of = study(TREND, factors=SIZES)
    rising = judged(of, measured(of, lambda r: float(r.levels["size"]) * r.seed, 5)).judgement
    assert rising.arm == (1.0,) * 5
    falling = judged(of, measured(of, lambda r: -float(r.levels["size"]), 5)).judgement
    assert falling.arm == (-1.0,) * 5
    assert (rising.verdict, falling.verdict) == ("reproduced", "refuted")


def test_a_trend_needs_every_level() -> None:
    of = study(TREND, factors=SIZES)
    records = measured(of, lambda r: None if (r.levels["size"], r.seed) == (16.0, 12) else 1.0, 5)
    assert judged(of, records).judgement.reason == "has 2 of 5 seeds"


def test_only_the_levels_that_count_are_read() -> None:
    claim = msgspec.structs.replace(HIGHER, where={"size": 16.0})
    of = study(claim, factors=SIZES)
    result = judged(of, measured(of, lambda r: by_arm(r) if r.levels["size"] == 16.0 else None, 4))
    assert result.judgement.verdict == "reproduced"
    assert len(result.run_ids) == 8


def test_a_metric_defined_otherwise_since_is_taken_from_the_series() -> None:
    """Recorded as the last value, asked for now as the first."""
    of = study()
    records = measured(of, by_arm, 4)
    now = study(metrics={"loss": schema.Metric(series="losses.critic", reduce="first")})
    asked: list[str] = []

    def series_of(run_id: str) -> Mapping[str, Series]:
        asked.append(run_id)
        values = [-1.0, 99.0] if records[run_id].run.arm == "a" else [5.0, 99.0]
        return {"losses.critic": Series(np.array([1, 2]), np.array(values))}

    (result,) = assess(now, records, series_of)
    assert result.judgement.arm == (-1.0,) * 4
    assert result.judgement.versus == (5.0,) * 4
    assert len(asked) == 8


def test_a_metric_measured_by_another_probe_is_not_trusted() -> None:
    of = study()
    records = measured(of, by_arm, 4)
    strange = {
        name: msgspec.structs.replace(r, metrics={"loss": Measured(1.0, "other")})
        for name, r in records.items()
    }
    (result,) = assess(of, strange, lambda run_id: {})
    assert "has no value of loss" in result.judgement.reason


def wanted(of: Study, records: Mapping[str, Record]) -> Sequence[Run]:
    return next_runs(of, [judged(of, records)])


def test_only_an_undecided_claim_asks_for_its_next_look() -> None:
    of = study()
    assert wanted(of, {}) == ()
    assert wanted(of, measured(of, by_arm, 4)) == ()
    more = wanted(of, measured(of, alike, 4))
    assert {(run.arm, run.seed) for run in more} == {(arm, seed) for arm in "ab" for seed in range(10, 18)}
    assert wanted(of, measured(of, alike, 8)) == ()


def test_the_runs_of_a_claims_controls_are_asked_for_too() -> None:
    control = schema.Control(expect="fails", arm="null")
    of = study(msgspec.structs.replace(HIGHER, controls={"control": control}))
    assert {run.arm for run in wanted(of, measured(of, alike, 4))} == {"a", "b", "null"}


def test_a_study_begins_with_first_looks_and_ends_with_last_ones() -> None:
    of = study()
    counts = {arm: sum(run.arm == arm for run in of.first_runs()) for arm in ("a", "b", "null")}
    assert counts == {"a": 4, "b": 4, "null": SPARE_SEEDS}
    counts = {arm: sum(run.arm == arm for run in of.all_runs()) for arm in ("a", "b", "null")}
    assert counts == {"a": 8, "b": 8, "null": SPARE_SEEDS}
    assert {run.seed for run in study(scale="smoke").first_runs()} == {10, 11}


# --- Draws ----------------------------------------------------------------------------------

DRAWS = {"draw": schema.Factor(draws=schema.Draws(count=12, seed=1, choices={"batch_size": (8.0, 16.0)}))}
PAIRED = schema.Claim(
    says="b trains more", kind="paired_rate", metric="loss", arm="b", versus="a", over="draw",
    better="higher", cut=1.0, margin=0.5, looks=(6, 12),
)  # fmt: skip


def b_succeeds(run: Run) -> float:
    """In every draw but the second, and a in the first alone."""
    number = run.levels["draw"]
    return 2.0 * (number == 1 if run.arm == "a" else number != 2)


def test_draws_are_the_unit_of_a_paired_rate() -> None:
    of = study(PAIRED, factors=DRAWS)
    result = judged(of, measured(of, b_succeeds, 1))
    assert (result.judgement.verdict, result.judgement.n, result.judgement.look) == ("reproduced", 12, 2)
    assert result.judgement.arm == (2.0, 0.0, *[2.0] * 10)
    assert result.judgement.versus == (2.0, *[0.0] * 11)
    assert len(result.run_ids) == 24


def test_an_undecided_look_asks_for_more_draws_not_more_seeds() -> None:
    of = study(PAIRED, factors=DRAWS)
    records = measured(of, lambda run: b_succeeds(run) if run.levels["draw"] <= 6 else None, 1)
    assert judged(of, records).judgement.verdict == "inconclusive"
    more = {(run.arm, run.levels["draw"], run.seed) for run in wanted(of, records)}
    assert more == {(arm, float(number), 10) for arm in "ab" for number in range(1, 13)}
    assert {run.levels["draw"] for run in of.first_runs() if run.arm == "a"} == set(range(1, 7))


def test_draws_count_up_to_the_first_that_is_not_there() -> None:
    of = study(PAIRED, factors=DRAWS)
    records = measured(of, lambda run: b_succeeds(run) if run.levels["draw"] != 5 else None, 1)
    assert judged(of, records).judgement.reason == "has 4 of 6 draws"


def test_a_draw_that_failed_keeps_the_claim_from_being_judged() -> None:
    of = study(PAIRED, factors=DRAWS)
    records = measured(of, b_succeeds, 1)
    lost = next(run for condition in of.matching("a", {"draw": 3.0}) for run in of.runs(condition, 1))
    broken = {**records, lost.id: one(of, lost, 0.0, "failed")}
    assert "failed" in judged(of, broken).judgement.reason


# --- Infinite numbers ---------------------------------------------------------------------


TIME = {"loss": schema.Metric(series="losses.critic", reduce="time_to", level=0.9)}


def test_a_level_that_is_never_reached_is_told_so() -> None:
    of = study(metrics=TIME)
    records = measured(of, lambda run: math.inf if run.arm == "a" else run.seed, 4)
    judgement = judged(of, records).judgement
    assert (judgement.verdict, judgement.estimate) == ("reproduced", math.inf)
    assert (
        judgement.reason == "the interval [inf, inf] lies above the margin 0; 4 of 8 seeds never reached 0.9"
    )


def test_a_run_that_diverged_has_not_merely_failed_to_get_there() -> None:
    of = study(metrics=TIME)
    records = measured(of, lambda run: math.inf, 4)
    lost = {
        run: one(of, each.run, math.nan, "diverged") for run, each in records.items() if each.run.arm == "b"
    }
    judgement = judged(of, records | lost).judgement
    assert judgement.reason.endswith("4 of 8 seeds diverged and rank worst; 4 of 8 seeds never reached 0.9")


def test_of_other_metrics_infinity_is_told_as_such() -> None:
    of = study()
    judgement = judged(of, measured(of, lambda run: math.inf if run.arm == "b" else 1.0, 4)).judgement
    assert judgement.verdict == "refuted"
    assert judgement.reason.endswith("4 of 8 seeds are infinite")


def test_a_trend_goes_by_the_ranks_of_infinite_levels() -> None:
    of = study(TREND, factors=SIZES, metrics=TIME)
    records = measured(of, lambda run: math.inf if run.levels["size"] == 32 else run.levels["size"], 5)
    judgement = judged(of, records).judgement
    assert (judgement.verdict, judgement.arm) == ("reproduced", (1.0,) * 5)


@pytest.mark.parametrize(
    ("diverged", "told"),
    [
        (0, "5 of 5 seeds have no log log slope and rank worst"),
        (2, "5 of 5 seeds diverged or have no log log slope and rank worst"),
        (5, "5 of 5 seeds diverged and rank worst"),
    ],
)
def test_a_seed_without_a_statistic_has_not_diverged(diverged: int, told: str) -> None:
    of = study(msgspec.structs.replace(TREND, statistic="log_log_slope"), factors=SIZES)
    records = measured(of, lambda run: -1.0, 5)
    lost = {
        name: one(of, each.run, math.nan, "diverged")
        for name, each in records.items()
        if each.run.seed < FIRST_SEED + diverged
    }
    judgement = judged(of, records | lost).judgement
    assert judgement.reason.endswith(told)
    assert (judgement.arm, judgement.finished) == ((None,) * 5, tuple(range(diverged, 5)))
