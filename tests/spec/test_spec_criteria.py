"""What a criterion's hash covers: every field of a claim, and of all that it refers to, or a reason."""

from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pytest
from msgspec.structs import FieldInfo, fields, replace

from suite.spec.identity import criterion_hash
from suite.spec.schema import (
    Borrowed,
    Claim,
    Control,
    Draws,
    Experiment,
    Factor,
    Metric,
    ParallelLines,
    Range,
    Setting,
)
from tests.runs import runs
from tests.training.settings import setting

METRICS = {
    "m": Metric(series="losses.critic", says="prose"),
    "n": Metric(series="losses.generator"),
    "other": Metric(series="losses.estimate"),
}
FACTORS = {
    "size": Factor(at="batch_size", values=(8.0, 16.0, 32.0)),
    "theta": Factor(at="data.theta", values=(0.5, 1.0)),
    "draw": Factor(draws=Draws(count=6, seed=1, choices={"iterations": (10.0, 20.0)})),
    "unused": Factor(at="critic_steps", values=(1.0, 2.0)),
}
LENT = {name: Borrowed(experiment="wgan/lender", arm=name) for name in ("a", "b", "c", "unused")}
CONTROL = Control(expect="fails", metric="n", arm="c", says="why")
CLAIM = Claim(
    says="s",
    kind="trend",
    metric="m",
    arm="a",
    versus="b",
    better="higher",
    where={"theta": 0.5},
    over="size",
    controls={"c": CONTROL},
)
DRAWN = replace(CLAIM, kind="best_of", over="draw", tries=2)

NOT_COVERED = {
    Claim: {"says", "source", "paper_value", "note"},
    Control: {"says"},
    Metric: {"says", "unit"},
    Factor: {"label"},
    Draws: {"count"},
    Borrowed: set[str](),
}
"""Prose; and how many draws there are: a claim looks at the first ones, and its looks say at how many."""


def experiment(**changes: Any) -> Experiment:
    """Without a word on arms: another setting is another run, by the id."""
    base = Experiment(
        id="wgan/sample",
        title="",
        paper="p",
        arms={},
        metrics=METRICS,
        claims={},
        factors=FACTORS,
        borrowed=LENT,
    )
    return replace(base, **changes)


def hashed(claim: Claim = CLAIM, **changes: Any) -> str:
    return criterion_hash(claim, experiment(**changes))


# --- Every field ----------------------------------------------------------------------

OTHERS: dict[str, Any] = {
    "where": {"theta": 1.0},
    "over": "draw",
    "looks": (6,),
    "controls": {},
    "metric": "other",
    "arm": "unused",
    "versus": "unused",
    "better": "lower",
    "decided_from": "paper",
    "at": "critic_steps",
    "values": (8.0, 16.0),
    "draws": Draws(count=6, seed=2, choices={}),
    "choices": {"iterations": Range(low=1, high=2)},
    "series": "losses.estimate",
    "against": "losses.estimate",
    "use": "some/reduction",
    "options": {"a": 1.0},
    "experiment": "wgan/other",
    "reduce": "mean",
}


def another(type_: type, field: FieldInfo, now: object) -> object:
    """A legal value of a field that is not the one it has."""
    if field.name in OTHERS and OTHERS[field.name] != now:
        return OTHERS[field.name]
    hint = get_type_hints(type_, include_extras=False)[field.name]
    kinds = [hint, *get_args(hint)]
    words = [word for kind in kinds if get_origin(kind) is not None for word in get_args(kind)]
    for word in (*get_args(hint), *words):
        if isinstance(word, str) and word != now:
            return word
    if bool in kinds:
        return not now
    if int in kinds:
        return 1 + (now if isinstance(now, int) else 3)
    if float in kinds:
        return 0.125
    assert str in kinds, (type_, field.name)
    return f"{now}x"


def changes(value: msgspec.Struct) -> list[Any]:
    """The value with one field changed at a time."""
    others = {
        field.name: another(type(value), field, getattr(value, field.name)) for field in fields(type(value))
    }
    return [pytest.param(name, replace(value, **{name: other}), id=name) for name, other in others.items()]


def expect(before: str, after: str, type_: type, field: str) -> None:
    covered = field not in NOT_COVERED[type_]
    assert (before != after) == covered, f"{type_.__name__}.{field}"


@pytest.mark.parametrize(("field", "changed"), changes(CLAIM))
def test_of_a_claim(field: str, changed: Claim) -> None:
    expect(hashed(), hashed(changed), Claim, field)


@pytest.mark.parametrize(("field", "changed"), changes(CONTROL))
def test_of_a_control(field: str, changed: Control) -> None:
    expect(hashed(), hashed(replace(CLAIM, controls={"c": changed})), Control, field)


@pytest.mark.parametrize("name", ["m", "n"])
@pytest.mark.parametrize(("field", "changed"), changes(METRICS["m"]))
def test_of_the_metrics_of_claim_and_controls(name: str, field: str, changed: Metric) -> None:
    first = hashed(metrics=METRICS | {name: METRICS["m"]})
    expect(first, hashed(metrics=METRICS | {name: changed}), Metric, field)


@pytest.mark.parametrize(("field", "changed"), changes(FACTORS["size"]))
def test_of_the_factor_that_a_claim_runs_over(field: str, changed: Factor) -> None:
    expect(hashed(), hashed(factors=FACTORS | {"size": changed}), Factor, field)


@pytest.mark.parametrize(("field", "changed"), changes(FACTORS["draw"].draws or msgspec.Struct()))
def test_of_draws(field: str, changed: Draws) -> None:
    drawn = FACTORS | {"draw": Factor(draws=changed)}
    expect(hashed(DRAWN), hashed(DRAWN, factors=drawn), Draws, field)


@pytest.mark.parametrize("arm", ["a", "b", "c"])
@pytest.mark.parametrize(("field", "changed"), changes(LENT["a"]))
def test_of_borrowed_arms_of_claim_and_controls(arm: str, field: str, changed: Borrowed) -> None:
    expect(hashed(), hashed(borrowed=LENT | {arm: changed}), Borrowed, field)


# --- What else is named, and what is not ------------------------------------------------


def test_of_a_level_that_is_chosen_only_what_it_is_of_counts() -> None:
    """More levels of a factor change nothing of the claims at one of them."""
    further = Factor(at="data.theta", values=(0.25, 0.5, 1.0))
    elsewhere = Factor(at="data.x", values=(0.5, 1.0))
    assert hashed(factors=FACTORS | {"theta": further}) == hashed()
    assert hashed(factors=FACTORS | {"theta": elsewhere}) != hashed()


def test_a_control_chooses_levels_too() -> None:
    control = {"c": replace(CONTROL, where={"unused": 1.0})}
    here = replace(CLAIM, controls=control)
    elsewhere = FACTORS | {"unused": Factor(at="warmup", values=(1.0, 2.0))}
    assert hashed(here, factors=elsewhere) != hashed(here)
    assert hashed(factors=elsewhere) == hashed()


def test_what_a_claim_does_not_name_does_not_count() -> None:
    metrics = METRICS | {"other": Metric(series="losses.critic")}
    lent = LENT | {"unused": Borrowed(experiment="wgan/other", arm="x")}
    assert hashed(metrics=metrics, borrowed=lent, notes="n", title="t", figure="3", tags=("x",)) == hashed()


def test_a_control_that_is_named_like_prose_counts() -> None:
    named = replace(CLAIM, controls={"note": replace(CONTROL, metric="m")})
    assert hashed(named) != hashed(replace(CLAIM, controls={}))


def test_what_equals_its_default_does_not_count() -> None:
    assert hashed(replace(CLAIM, margin=0, looks=(6, 12))) == hashed()


def test_a_claim_without_factors_and_borrowed_arms_keeps_its_hash() -> None:
    control = Control(expect="fails", arm="b", says="why")
    plain = Claim(says="s", kind="threshold", metric="m", arm="a", better="higher", controls={"c": control})
    assert criterion_hash(plain, experiment(borrowed={}, factors={})) == "0daa393fa41b"


def test_golden_criterion_over_levels() -> None:
    assert hashed() == "b896fc91fcc4"


# --- Why: edits that leave runs as they are ----------------------------------------------


def crossed(factors: dict[str, Factor], arms: dict[str, Setting]) -> set[str]:
    return {run.id for run in runs(experiment(factors=factors, arms=arms, borrowed={}), "desk", "", [10])}


def test_factors_that_swap_their_names_keep_the_runs_and_not_the_criterion() -> None:
    """Claims at a = 1, b = 2 are then about other runs, all of which are there already."""
    steps, warmup = (Factor(at=at, values=(1.0, 2.0)) for at in ("critic_steps", "data.theta"))
    arms = {"a": setting(data=ParallelLines())}
    before, after = {"a": steps, "b": warmup}, {"b": steps, "a": warmup}
    assert crossed(before, arms) == crossed(after, arms)
    claim = replace(CLAIM, where={"a": 1.0, "b": 2.0}, over=None)
    assert hashed(claim, factors=before) != hashed(claim, factors=after)


def test_a_level_left_out_keeps_the_runs_and_not_the_criterion() -> None:
    fewer = {"size": Factor(at="batch_size", values=(8.0, 16.0))}
    arms = {"a": setting()}
    assert crossed(fewer, arms) < crossed({"size": FACTORS["size"]}, arms)
    assert hashed(factors=FACTORS | fewer) != hashed()


@pytest.mark.parametrize("count", [7, 100])
def test_further_draws_leave_the_first_ones_as_they_were(count: int) -> None:
    def drawn(count: int) -> dict[str, Factor]:
        return {"draw": Factor(draws=Draws(count=count, seed=1, choices={"iterations": (10.0, 20.0)}))}

    arms = {"a": setting()}
    assert crossed(drawn(6), arms) < crossed(drawn(count), arms)
    assert hashed(DRAWN, factors=FACTORS | drawn(count)) == hashed(DRAWN)
