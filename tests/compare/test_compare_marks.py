"""Each mark, on small made-up records."""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import pytest

from suite.compare.compare import Comparison
from suite.compare.marks import MARKS, Mark, counted
from suite.compare.noise import Floors
from suite.series import Series
from suite.spec import schema
from suite.store.record import Measured, Record
from tests.compare.versions import (
    ABOVE,
    Level,
    claim_of,
    ended,
    held_against,
    spread,
    study,
    trained,
    version,
)

OF = study()


def compared(before: Level, after: Level, seeds: int = 6, **fields: Any) -> Comparison:
    """Two versions of the code."""
    of = study(**fields)
    return held_against(of, version(of, before, seeds), version(of, after, seeds, "b" * 12))


def runs_of(found: Comparison) -> dict[Mark, int]:
    """How many runs have which mark."""
    return counted(run.mark for run in found.runs)


def flat(middle: float) -> Level:
    """Values one apart from seed to seed, so that half a step matters little."""
    return lambda run: middle + run.seed


def replaced(records: Mapping[str, Record], arm: str, seeds: int, state: Any) -> dict[str, Record]:
    """The first seeds of an arm ended otherwise."""
    return {
        name: ended(found, state) if found.run.arm == arm and found.run.seed < 10 + seeds else found
        for name, found in records.items()
    }


def test_the_same_bits_are_identical() -> None:
    found = compared(spread(3), spread(3))
    assert runs_of(found) == {"identical": 12}
    assert claim_of(found).mark == "identical"
    assert claim_of(found).reasons == ()
    assert claim_of(found).p is None


def test_a_difference_too_small_to_matter_is_within_noise() -> None:
    found = compared(spread(3), lambda run: spread(3)(run) + 1e-6 * (-1) ** run.seed)
    assert runs_of(found) == {"changed": 12}
    assert claim_of(found).mark == "within noise"
    shifted = claim_of(compared(flat(3), lambda run: flat(3)(run) + 0.1))
    assert shifted.mark == "within noise"


def test_a_clear_shift_is_better_or_worse() -> None:
    up = claim_of(compared(spread(3), spread(5)))
    down = claim_of(compared(spread(5), spread(3)))
    assert (up.mark, down.mark) == ("better", "worse")
    assert up.shift is not None
    assert up.shift.interval.estimate == pytest.approx(2)
    assert up.p == 1 / 32
    assert (up.before.verdict, up.after.verdict) == ("reproduced", "reproduced")


def test_where_lower_is_better_up_is_worse() -> None:
    below = msgspec.structs.replace(ABOVE, better="lower")
    assert claim_of(compared(spread(3), spread(5), claims={"claim": below})).mark == "worse"


def test_a_verdict_that_turns_round_is_flipped_however_wild_the_values() -> None:
    def wild(run: Any) -> float:
        return -(10.0 ** (run.seed - 9))

    found = claim_of(compared(spread(3), wild))
    assert found.mark == "verdict flipped"
    assert (found.before.verdict, found.after.verdict) == ("reproduced", "refuted")
    assert "reproduced -> refuted" in found.note


def test_opposite_verdicts_of_too_few_seeds_are_told_but_not_flipped() -> None:
    few = msgspec.structs.replace(ABOVE, looks=(5,))
    found = claim_of(compared(spread(3), spread(-3), seeds=5, claims={"claim": few}))
    assert found.mark == "changed but not significant"
    assert "reproduced -> refuted" in found.note
    assert found.p == 1 / 16


def test_what_may_matter_and_cannot_be_told_names_the_seeds_that_would() -> None:
    noise = {10: 0.9, 11: -0.8, 12: 1.0, 13: 0.7, 14: -0.1, 15: 0.6}
    found = claim_of(compared(spread(3, 0.5), lambda run: spread(3, 0.5)(run) + noise[run.seed]))
    assert found.mark == "changed but not significant"
    assert "seeds would tell" in found.note


def test_a_run_that_ends_no_more_is_a_new_failure_and_one_that_does_is_fixed() -> None:
    whole = version(OF, spread(3))
    for state in ("diverged", "failed"):
        broken = replaced(version(OF, spread(3)), "a", 1, state)
        lost, found = held_against(OF, whole, broken), held_against(OF, broken, whole)
        assert runs_of(lost) == {"new failure": 1, "identical": 11}
        assert runs_of(found) == {"fixed": 1, "identical": 11}
        assert (claim_of(lost).mark, claim_of(found).mark) == ("new failure", "fixed")
        (run,) = (run for run in lost.runs if run.mark == "new failure")
        assert run.note.startswith(
            "finished, now " + ("diverged at iteration 3" if state == "diverged" else state)
        )


def test_a_version_of_which_every_run_diverges_flips_the_verdict() -> None:
    found = held_against(OF, version(OF, spread(3)), replaced(version(OF, spread(3)), "a", 6, "diverged"))
    assert claim_of(found).mark == "verdict flipped"


def test_what_only_one_side_has_is_missing_or_new() -> None:
    here, nothing = version(OF, spread(3)), dict[str, Record]()
    gone, came = held_against(OF, here, nothing), held_against(OF, nothing, here)
    assert runs_of(gone) == {"missing": 12}
    assert runs_of(came) == {"new": 12}
    assert (claim_of(gone).mark, claim_of(came).mark) == ("missing", "new")
    assert (gone.compared, came.compared) == (0, 0)


def test_a_claim_without_a_run_is_silent() -> None:
    found = held_against(OF, {}, {})
    assert (found.claims, found.runs, found.silent) == ((), (), 1)


def test_further_seeds_of_one_side_are_told() -> None:
    found = held_against(OF, version(OF, spread(3)), version(OF, spread(3), seeds=8))
    assert claim_of(found).mark == "identical"
    assert claim_of(found).note == "2 runs only after"
    assert runs_of(found) == {"new": 4, "identical": 12}


def test_sides_without_a_run_in_common_are_not_comparable() -> None:
    every = version(OF, spread(3), seeds=4)
    early = {name: found for name, found in every.items() if found.run.seed < 12}
    late = {name: found for name, found in every.items() if found.run.seed >= 12}
    assert claim_of(held_against(OF, early, late)).mark == "not comparable"


def test_another_criterion_is_not_comparable() -> None:
    stricter = study(claims={"claim": msgspec.structs.replace(ABOVE, margin=1.5)})
    old = version(OF, spread(3))
    found = claim_of(held_against(stricter, old, version(stricter, spread(3))))
    assert found.mark == "not comparable"
    assert found.note.startswith("criterion")
    assert [reason.cause for reason in found.reasons] == ["spec"]
    reworded = study(claims={"claim": msgspec.structs.replace(ABOVE, says="higher than one")})
    assert claim_of(held_against(reworded, old, version(reworded, spread(3)))).mark == "identical"


def test_another_definition_of_a_metric_is_another_protocol() -> None:
    first = study(metrics={"loss": schema.Metric(series="losses.critic", reduce="first")})
    found = claim_of(held_against(first, version(OF, spread(3)), version(first, spread(3))))
    assert found.mark == "not comparable"
    assert "protocol" in found.note


def test_another_classifier_is_another_protocol() -> None:
    old = version(OF, spread(3), instruments={"classifier": "old"})
    new = version(OF, spread(4), instruments={"classifier": "new"})
    found = held_against(OF, old, new)
    assert runs_of(found) == {"not comparable": 12}
    assert claim_of(found).mark == "not comparable"
    assert claim_of(found).note == "protocol"


def test_equal_bits_with_other_metrics_are_not_identical() -> None:
    old = version(OF, spread(3))
    new = {name: trained(OF, r.run, 9.0, "b" * 12, digest=r.digest) for name, r in old.items()}
    found = held_against(OF, old, new)
    assert runs_of(found) == {"changed": 12}
    assert found.runs[0].note == "the same bits give other metrics: loss"
    assert claim_of(found).mark == "better"


def test_runs_without_a_digest_are_never_identical() -> None:
    blank = version(OF, spread(3), digest="")
    assert "identical" not in runs_of(held_against(OF, blank, blank))


def test_the_measured_noise_floor_is_used() -> None:
    def near(run: Any) -> float:
        return spread(3)(run) * 1.2

    old, new = version(OF, spread(3)), version(OF, near)
    floors = Floors({"p/test": {"loss": 0.25}})
    assert claim_of(held_against(OF, old, new)).mark == "better"
    found = held_against(OF, old, new, floors=floors)
    assert claim_of(found).mark == "within noise"
    assert runs_of(found) == {"within noise": 12}


def test_smoke_scale_has_values_to_compare_and_no_verdicts() -> None:
    of = study(scale="smoke")
    smoke = [
        {
            name: msgspec.structs.replace(r, run=msgspec.structs.replace(r.run, scale="smoke"))
            for name, r in v.items()
        }
        for v in (version(of, spread(3), 2), version(of, spread(-3), 2))
    ]
    found = claim_of(held_against(of, *smoke))
    assert found.mark == "changed but not significant"
    assert found.before.verdict == found.after.verdict == "not evaluated"


def test_a_control_that_turns_is_told() -> None:
    control = schema.Control(expect="fails", arm="b")
    of = study(claims={"claim": msgspec.structs.replace(ABOVE, controls={"null": control})})

    def at(b: float) -> Level:
        return lambda run: 3.0 + run.seed / 100 if run.arm == "a" else b

    found = claim_of(held_against(of, version(of, at(0.0)), version(of, at(9.0))))
    assert found.mark == "identical"
    assert found.note == "control null: as expected -> not as expected"


def test_claims_are_tested_together() -> None:
    """Of 32 patterns, one takes the first claim as far as it went, another the second one farther."""
    metrics = {
        "loss": schema.Metric(series="losses.critic"),
        "other": schema.Metric(series="losses.generator"),
    }
    claims = {"claim": ABOVE, "second": msgspec.structs.replace(ABOVE, metric="other")}
    of = study(metrics=metrics, claims=claims)
    old, new = version(of, spread(3)), version(of, spread(3.4, 0.15), name="b" * 12)

    def with_other(records: Mapping[str, Record], by: float) -> dict[str, Record]:
        found = {}
        for name, r in records.items():
            noisy = Measured(2 + by * (-1) ** r.run.seed, r.metrics["other"].protocol)
            found[name] = msgspec.structs.replace(r, metrics={**r.metrics, "other": noisy})
        return found

    alone = held_against(of, with_other(old, 0), with_other(new, 0)).claims
    beside = held_against(of, with_other(old, 0), with_other(new, 1)).claims
    assert (alone[0].p, beside[0].p) == (1 / 32, 2 / 32)
    assert (alone[0].mark, beside[0].mark) == ("better", "changed but not significant")


def test_a_trend_is_compared_by_its_statistic() -> None:
    claim = schema.Claim(
        says="",
        kind="trend",
        metric="loss",
        arm="a",
        better="higher",
        over="size",
        statistic="slope",
        looks=(6,),
    )
    of = study(claims={"claim": claim}, factors={"size": schema.Factor(at="batch_size", values=(8.0, 16.0))})

    def rising(by: float) -> Level:
        return lambda run: by * float(run.levels["size"]) + run.seed / 1000 * float(run.levels["size"])

    found = claim_of(held_against(of, version(of, rising(1)), version(of, rising(3))))
    assert found.mark == "better"
    assert found.shift is not None
    assert found.shift.interval.estimate == pytest.approx(2)


def test_a_metric_no_record_holds_is_taken_from_the_series() -> None:
    def without(records: Mapping[str, Record]) -> dict[str, Record]:
        return {name: msgspec.structs.replace(r, metrics={}) for name, r in records.items()}

    old, new = version(OF, spread(3)), version(OF, spread(5))

    def series(value: float) -> Any:
        return lambda run_id: {"losses.critic": Series(np.array([1]), np.array([value + len(run_id) % 3]))}

    found = claim_of(held_against(OF, without(old), without(new), (series(3.0), series(5.0))))
    assert found.shift is not None
    assert found.shift.interval.estimate == 2.0
    assert claim_of(held_against(OF, without(old), without(new))).mark == "not comparable"


def test_every_mark_has_its_place() -> None:
    assert len(MARKS) == len(set(MARKS)) == 12
    assert list(counted(["identical", "worse", "identical"]).items()) == [("worse", 1), ("identical", 2)]
