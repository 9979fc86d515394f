"""Why results differ: each cause, and several at once."""

from typing import Any

import msgspec
import pytest

from suite.compare.attribution import Reason, changes, merged, reasons
from suite.compare.compare import compare
from suite.compare.side import Side
from suite.compare.text import causes
from suite.spec import schema
from suite.store.record import Code
from tests.compare.versions import (
    COMMITS,
    between,
    claim_of,
    held_against,
    spread,
    study,
    version,
    with_environment,
)
from tests.training.settings import setting

OF = study()
OLD = version(OF, spread(3))


def given(found: Any) -> dict[str, tuple[str, ...]]:
    """Cause to what differs, of the only claim."""
    return {reason.cause: reason.what for reason in claim_of(found).reasons}


def test_other_code_names_the_commits_between() -> None:
    found = held_against(OF, OLD, version(OF, spread(5), name="b" * 12))
    (commit, subject), *_ = COMMITS
    assert given(found) == {"code": (f"{'a' * 12} -> {'b' * 12}", f"{commit[:10]} {subject}")}
    assert all(run.reasons == claim_of(found).reasons for run in found.runs)


def test_of_many_commits_some_are_named() -> None:
    def many(first: str, last: str) -> list[tuple[str, str]]:
        return [(f"{n:040d}", f"Commit {n}") for n in range(9)]

    old, new = next(iter(OLD.values())), next(iter(version(OF, spread(5), name="b" * 12).values()))
    (reason,) = reasons(old, new, many)
    assert len(reason.what) == 7
    assert reason.what[-1] == "4 more commits"


def test_uncommitted_changes_are_told() -> None:
    new = version(OF, spread(5), code=Code("b" * 12, "", "patched"))
    assert given(held_against(OF, OLD, new)) == {"code": (f"{'a' * 12} -> {'b' * 12}", "uncommitted changes")}


def test_another_package_or_machine_is_environment() -> None:
    packages = {"torch": "2.0", "seaborn": "0.1"}
    here = with_environment(OLD, packages=packages)
    there = with_environment(
        version(OF, spread(5)), packages={"torch": "2.1", "seaborn": "0.2"}, processor="another", threads=2
    )
    found = given(held_against(OF, here, there))
    assert found == {"environment": ("processor:  -> another", "threads: 1 -> 2", "torch 2.0 -> 2.1")}


def test_a_package_that_came_or_went_is_environment() -> None:
    here = with_environment(OLD, packages={"torch": "2.0", "pot": "0.9"})
    there = with_environment(version(OF, spread(5)), packages={"torch": "2.0", "scipy": "1.9"})
    assert given(held_against(OF, here, there)) == {"environment": ("pot 0.9 -> none", "scipy none -> 1.9")}


def test_a_network_that_one_side_alone_measured_with_is_no_cause() -> None:
    old = version(OF, spread(3), instruments={"classifier": "one"})
    new = version(OF, spread(5), instruments={"classifier": "one", "inception": "two"})
    assert given(held_against(OF, old, new)) == given(held_against(OF, new, old)) == {"noise": ()}


def test_the_number_of_cores_is_no_cause() -> None:
    assert "environment" not in given(
        held_against(OF, OLD, with_environment(version(OF, spread(5)), cores=64))
    )


def test_the_same_code_in_the_same_place_is_noise() -> None:
    found = held_against(OF, OLD, version(OF, spread(5)))
    assert given(found) == {"noise": ()}


def test_equal_results_of_other_code_have_no_cause() -> None:
    """A comment changed, or something that results do not depend on."""
    found = held_against(OF, OLD, version(OF, spread(3), name="b" * 12))
    assert claim_of(found).mark == "identical"
    assert given(found) == {}


def test_a_changed_setting_is_spec_and_names_its_keys() -> None:
    critic = schema.MLPCritic(layers=3, width=16, normalization="batch")
    of = study(arms={"a": setting(critic=critic), "b": setting(loss="minimax")})
    found = held_against(of, OLD, version(of, spread(3), name="b" * 12))
    claim = claim_of(found)
    assert claim.mark == "not comparable"
    assert claim.note == "spec"
    assert given(found)["spec"] == ("critic.normalization: none -> batch",)
    assert (claim.before.verdict, claim.after.verdict) == ("reproduced", "reproduced")
    assert {run.mark for run in found.runs} == {"not comparable", "identical"}


def test_a_changed_setting_is_found_in_whatever_order_it_is_given() -> None:
    """Both sides are at settings that this checkout no longer has: they can be held against each other."""
    of = study(arms={"a": setting(batch_size=8), "b": setting(loss="minimax")})
    found = held_against(of, OLD, version(OF, spread(5)))
    assert claim_of(found).mark == "better"


def test_another_sample_count_of_a_probe_is_protocol() -> None:
    def measured(samples: int) -> Any:
        probes = schema.Probes(quality=schema.Quality(samples=samples))
        return study(arms={"a": setting(probes=probes)}, metrics={"loss": schema.Metric(series="quality.w1")})

    old, new = measured(500), measured(1000)
    found = held_against(new, version(old, spread(3)), version(new, spread(3)))
    assert claim_of(found).mark == "not comparable"
    assert claim_of(found).note == "protocol"
    assert given(found) == {"protocol": ("probes.quality.samples: 500 -> 1000",)}


def test_results_of_settings_that_were_tried_in_between_are_left_out() -> None:
    tried = study(arms={"a": setting(batch_size=8), "b": setting(loss="minimax")})
    found = held_against(OF, {**OLD, **version(tried, spread(9))}, version(OF, spread(3)))
    assert claim_of(found).mark == "identical"
    assert found.left_over == 6
    assert len(found.runs) == 12


def test_several_causes_are_all_told() -> None:
    new = with_environment(version(OF, spread(5), name="b" * 12), threads=2)
    found = claim_of(held_against(OF, OLD, new))
    assert [reason.cause for reason in found.reasons] == ["environment", "code"]
    assert causes(found.reasons) == "one of environment, code"


def test_noise_is_told_only_where_nothing_else_differs() -> None:
    noise, code = Reason("noise", ()), Reason("code", ("a -> b",))
    assert merged([[noise], [code], [code]]) == (code,)
    assert merged([[noise], [noise]]) == (noise,)
    assert merged([]) == ()


@pytest.mark.parametrize(
    ("change", "keys"),
    [
        ({"batch_size": 8}, {"batch_size": "batch_size: 16 -> 8"}),
        (
            {"optimizer": schema.Adam(lr=1e-3, betas=(0.0, 0.9))},
            {"optimizer.betas": "optimizer.betas: [0.5, 0.9] -> [0, 0.9]"},
        ),
        ({"constraint": schema.Clip(bound=0.1)}, None),
        ({"freeze_at": 3}, {"freeze_at": "freeze_at: none -> 3"}),
        (
            {"probes": schema.Probes(step_cosine=schema.StepCosine())},
            {"probes.step_cosine": "probes.step_cosine: none -> on"},
        ),
        (
            {"optimizer": schema.Adam(lr=1.0000001e-3, betas=(0.5, 0.9))},
            {"optimizer.lr": "optimizer.lr: 0.001 -> 0.0010000001"},
        ),
        ({}, {}),
    ],
)
def test_the_keys_of_a_setting_that_changed(change: dict[str, Any], keys: dict[str, str] | None) -> None:
    found = changes(setting(), setting(**change))
    if keys is None:
        assert found["constraint.kind"] == "constraint.kind: gradient_penalty -> clip"
    else:
        assert found == keys


def test_commits_between_are_asked_for_once_each() -> None:
    asked = []

    def counting(first: str, last: str) -> list[tuple[str, str]]:
        asked.append((first, last))
        return between(first, last)

    new = version(OF, spread(5), name="b" * 12)
    for name in OLD:
        reasons(OLD[name], new[name], counting)
    assert set(asked) == {("a" * 36, "b" * 36)}


def test_reasons_can_be_read() -> None:
    assert Reason("code", ("a -> b", "a commit")).told == "code (a -> b; a commit)"
    assert Reason("noise", ()).told == "noise"
    assert msgspec.json.encode(Reason("noise", ())) == b'["noise",[]]'


def test_a_version_of_this_code_has_its_own_commit_whatever_its_records_tell() -> None:
    """They may have been made before what they were made of was committed."""
    asked = []

    def counting(first: str, last: str) -> list[tuple[str, str]]:
        asked.append((first, last))
        return COMMITS

    name = "b" * 12
    before = Side("v1", "", OLD, code_of=lambda: Code("a" * 12, "first", ""))
    new = version(OF, spread(5), name=name, code=Code(name, "first", "patched"))
    after = Side("v2", "", new, code_of=lambda: Code(name, "second", ""))
    found = compare([OF], before, after, between=counting)
    (commit, subject), *_ = COMMITS
    assert given(found) == {"code": (f"{'a' * 12} -> {name}", f"{commit[:10]} {subject}")}
    assert set(asked) == {("first", "second")}
    nowhere = after._replace(code_of=lambda: Code(name, "", ""))
    assert given(compare([OF], before, nowhere, between=counting))["code"][-1] == "uncommitted changes"
