"""What stands beside a claim's mark, and marks that hang on one number, on small made-up records."""

import math
from collections.abc import Callable, Mapping

import msgspec
import pytest

from suite.compare.claims import ClaimChange
from suite.compare.noise import Floors
from suite.compare.shift import needed
from suite.spec import schema
from suite.spec.runs import Run
from suite.store.record import Measured, Record, State
from suite.study import Study
from tests.compare.samples import seen
from tests.compare.versions import ABOVE, Level, claim_of, ended, held_against, spread, study, version

OF = study()
NULL = {"null": schema.Control(expect="fails", arm="b")}
APART = {10: -4.0, 11: -2.0, 12: 0.0, 13: 2.0, 14: 4.0, 15: 6.0}
"""Around 1, of no significance."""
NUMBERS = seen((10.0,) * 6, tuple(10 + each for each in APART.values()))


def ten(run: Run) -> float:
    return 10.0


def by(differences: Mapping[int, float]) -> Level:
    """Ten, and something else for each seed."""
    return lambda run: 10.0 + differences[run.seed]


def otherwise(records: Mapping[str, Record], ends: Mapping[int, State]) -> dict[str, Record]:
    """Some seeds of the first arm have ended otherwise."""
    return {
        name: ended(found, ends[found.run.seed]) if found.run.arm == "a" and found.run.seed in ends else found
        for name, found in records.items()
    }


def only(records: Mapping[str, Record], holds: Callable[[Run], bool]) -> dict[str, Record]:
    return {name: found for name, found in records.items() if holds(found.run)}


# --- Runs that end otherwise ----------------------------------------------------------------


@pytest.mark.parametrize(("count", "named"), [(1, 1), (3, 3), (5, 3)])
def test_runs_that_end_otherwise_are_named_the_first_three_of_them(count: int, named: int) -> None:
    """And no others, of which one has moved a little."""
    old = version(OF, ten)
    new = otherwise(
        version(OF, by(dict.fromkeys(range(10, 16), 1e-9))), dict.fromkeys(range(10, 10 + count), "failed")
    )
    mine = [name for name, found in old.items() if found.run.arm == "a"]
    told = [f"{name} new failure (finished, now failed: out of memory)" for name in mine[:named]]
    more = f" and {count - named} more" if count > named else ""
    note = f"reproduced -> not evaluated; {', '.join(told)}{more}"
    assert claim_of(held_against(OF, old, new)).note == note


def test_without_a_seed_in_common_a_run_that_is_lost_makes_a_new_failure() -> None:
    """The first seed was lost before, the second is lost now."""
    every = version(OF, spread(3), seeds=2)
    old, new = otherwise(every, {10: "failed"}), otherwise(every, {11: "failed"})
    first, second = (name for name, found in every.items() if found.run.arm == "a")
    claim = claim_of(held_against(OF, old, new))
    assert claim.mark == "new failure"
    assert claim.note == (
        "no seed has a number on both sides; "
        f"{first} fixed (failed: out of memory, now finished), "
        f"{second} new failure (finished, now failed: out of memory)"
    )


# --- What is small, and what cannot be told -------------------------------------------------


def test_a_shift_below_the_noise_is_said_to_be_too_small() -> None:
    """By 0.85 (2 at the most), all one way; a tenth of the largest number is 1.32."""
    new = version(OF, by({10 + n: 0.1 * 2**n for n in range(6)}))
    floors = Floors({"p/test": {"loss": 0.1}})
    claim = claim_of(held_against(OF, version(OF, ten), new, floors=floors))
    assert (claim.mark, claim.p) == ("within noise", 1 / 32)
    assert claim.note == "a shift that is too small to matter: 1.32 would"
    assert claim_of(held_against(OF, version(OF, ten), new)).mark == "better"


def test_of_what_is_within_noise_and_not_significant_nothing_is_said() -> None:
    new = version(OF, by({seed: 1e-9 * by for seed, by in APART.items()}))
    claim = claim_of(held_against(OF, version(OF, ten), new))
    assert (claim.mark, claim.note) == ("within noise", "")


def test_what_may_matter_though_its_estimate_does_not_is_not_within_noise() -> None:
    """A hundredth of the margin is 3: the estimate is 1, an end of its interval above 3."""
    far = study(claims={"claim": msgspec.structs.replace(ABOVE, margin=300.0)})
    claim = claim_of(held_against(far, version(far, ten), version(far, by(APART))))
    assert claim.mark == "changed but not significant"
    assert claim.shift is not None
    assert not claim.shift.matters
    seeds = needed(
        claim.claim, seen((10.0,) * 6, tuple(10 + each for each in APART.values())), claim.shift, 1
    )
    assert claim.note == f"about {seeds} seeds would tell at the spread seen"


SERIES = {"loss": "critic", "other": "generator"}


def both_metrics(first: Mapping[int, float], second: Mapping[int, float]) -> list[ClaimChange]:
    """Two claims, each of a metric of its own."""
    metrics = {
        "loss": schema.Metric(series="losses.critic"),
        "other": schema.Metric(series="losses.generator"),
    }
    claims = {"claim": ABOVE, "second": msgspec.structs.replace(ABOVE, metric="other")}
    of = study(metrics=metrics, claims=claims)

    def changed(found: Record) -> Record:
        held = found.metrics["other"]
        other = Measured(10 + second[found.run.seed], held.protocol)
        return msgspec.structs.replace(found, metrics={**found.metrics, "other": other})

    new = {name: changed(found) for name, found in version(of, by(first)).items()}
    return list(held_against(of, version(of, ten), new).claims)


def test_seeds_that_would_tell_are_more_among_more_claims_that_take_part() -> None:
    """Differences of one size, so that some patterns show none at all."""
    trifle, some = dict.fromkeys(APART, 1e-9), dict.fromkeys(APART, 1.0) | {10: -1.0}
    notes = [both_metrics(APART, second)[0].note for second in (trifle, some)]
    about = both_metrics(APART, trifle)[0]
    assert about.shift is not None
    counts = [needed(about.claim, NUMBERS, about.shift, claims) for claims in (1, 2)]
    assert notes == [f"about {count} seeds would tell at the spread seen" for count in counts]
    assert counts[0] != counts[1]


@pytest.mark.parametrize("at_first", [False, True])
def test_of_infinite_seeds_no_number_is_told(at_first: bool) -> None:
    """Five of them are too few to be sure."""
    few = study(claims={"claim": msgspec.structs.replace(ABOVE, looks=(5,))})

    def lost(found: Record) -> Record:
        return msgspec.structs.replace(
            found, metrics={"loss": Measured("-inf", found.metrics["loss"].protocol)}, digest="other"
        )

    finite = version(few, ten, seeds=5)
    infinite = {name: lost(found) for name, found in finite.items()}
    claim = claim_of(held_against(few, *((infinite, finite) if at_first else (finite, infinite))))
    assert claim.mark == "changed but not significant"
    verdicts = "refuted -> reproduced" if at_first else "reproduced -> refuted"
    assert claim.note == f"{verdicts}; how many seeds would tell cannot be told from infinite ones"
    assert claim.shift is not None
    assert claim.shift.interval.estimate == (math.inf if at_first else -math.inf)


# --- Controls, and several notes at once ----------------------------------------------------


def with_control(level_of_b: float) -> tuple[Study, dict[str, Record]]:
    """The claim with a control, and a version of it."""
    of = study(claims={"claim": msgspec.structs.replace(ABOVE, controls=NULL)})
    return of, version(of, lambda run: 3.0 + run.seed / 100 if run.arm == "a" else level_of_b)


def test_of_a_control_that_stays_or_is_not_there_nothing_is_said() -> None:
    of, old = with_control(0.0)
    assert claim_of(held_against(of, old, with_control(0.5)[1])).note == ""
    assert claim_of(held_against(of, old, only(with_control(9.0)[1], lambda run: run.arm == "a"))).note == ""


def test_first_the_control_and_then_runs_of_one_side_alone() -> None:
    of, old = with_control(0.0)
    new = with_control(9.0)[1]
    more = {**new, **only(version(of, spread(3), seeds=7), lambda run: run.seed == 16)}
    note = "control null: as expected -> not as expected; 1 runs only after"
    assert claim_of(held_against(of, old, more)).note == note


def test_first_what_keeps_sides_from_being_compared() -> None:
    stricter = study(claims={"claim": msgspec.structs.replace(ABOVE, margin=1.5)})
    found = claim_of(held_against(stricter, version(OF, spread(3)), version(stricter, spread(3), seeds=8)))
    assert found.note == "criterion; 2 runs only after"


def test_another_definition_of_a_metric_is_named() -> None:
    first = study(metrics={"loss": schema.Metric(series="losses.critic", reduce="first")})
    old, new = version(OF, spread(3)), version(first, spread(3))
    found = claim_of(held_against(first, old, new))
    ways = (next(iter(records.values())).metrics["loss"].protocol for records in (old, new))
    reasons = {reason.cause: reason.what for reason in found.reasons}
    assert found.note == "criterion, protocol"
    assert reasons["protocol"] == (f"metric loss is defined otherwise: {' -> '.join(ways)}",)
