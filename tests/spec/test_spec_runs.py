"""Expansion into runs, and the stability of ids."""

import re

import msgspec
import pytest

from suite.spec.identity import canonical, canonical_json, digest
from suite.spec.runs import SCHEME, Run, conditions, seeds, slug
from suite.spec.schema import (
    SGD,
    Clip,
    Experiment,
    Factor,
    GradientNorms,
    MLPCritic,
    MLPGenerator,
    ParallelLines,
    Probes,
    RMSProp,
    Setting,
    SwissRoll,
)
from tests.runs import runs


def setting(**changes: object) -> Setting:
    base = Setting(
        data=ParallelLines(),
        generator=MLPGenerator(layers=3, width=8),
        critic=MLPCritic(layers=3, width=8),
        loss="wasserstein",
        optimizer=RMSProp(lr=5e-5),
        batch_size=64,
        iterations=100,
    )
    return msgspec.structs.replace(base, **changes)


def experiment(**changes: object) -> Experiment:
    base = Experiment(
        id="wgan-gp/sample",
        title="A sample",
        paper="gulrajani2017",
        arms={"clip 0.1": setting(constraint=Clip(bound=0.1)), "Plain": setting()},
        factors={"theta": Factor(at="data.theta", values=(0.0, -0.5))},
        metrics={},
        claims={},
    )
    return msgspec.structs.replace(base, **changes)


def test_golden_ids() -> None:
    assert [run.id for run in runs(experiment(), "desk", "", [10])] == [
        "wgan-gp.sample.clip-0.1.0.s10.3923c597e773",
        "wgan-gp.sample.clip-0.1.m0.5.s10.0dc4c338c9c9",
        "wgan-gp.sample.plain.0.s10.afe874df90e4",
        "wgan-gp.sample.plain.m0.5.s10.5b144e09af29",
    ]


@pytest.mark.parametrize("seed", [0, 10, 123456])
def test_an_id_ends_with_the_hash_of_the_canonical_text(seed: int) -> None:
    for run in runs(experiment(), "desk", "", [seed]):
        said = {"scheme": SCHEME, "setting": canonical(run.setting), "seed": seed}
        assert run.id.rpartition(".")[2] == digest(canonical_json(said))


def test_that_its_id_is_known_changes_nothing_about_a_run() -> None:
    known, new = (runs(experiment(), "desk", "", [10])[0] for _ in range(2))
    assert known.id
    assert (known, hash(known.setting)) == (new, hash(new.setting))
    assert msgspec.json.encode(known) == msgspec.json.encode(new)
    assert msgspec.structs.replace(known, seed=11).id == runs(experiment(), "desk", "", [11])[0].id


def test_golden_canonical_text() -> None:
    expected = (
        '{"batch_size":64,"constraint":{"bound":1.0,"kind":"clip"},"critic":{"kind":"mlp","layers":3,"width":8},'
        '"data":{"kind":"parallel_lines"},"generator":{"kind":"mlp","layers":3,"width":8},"iterations":100,'
        '"loss":"wasserstein","optimizer":{"kind":"rmsprop","lr":5e-05},"probes":{"gradient_norms":{}}}'
    )
    probes = Probes(gradient_norms=GradientNorms())
    assert canonical_json(canonical(setting(constraint=Clip(bound=1), probes=probes))) == expected


def test_digest_is_the_start_of_sha256() -> None:
    assert digest("") == "e3b0c44298fc"


def test_conditions_are_arms_by_levels_in_the_order_of_the_file() -> None:
    found = [
        (condition.arm, condition.levels, condition.setting.data) for condition in conditions(experiment())
    ]
    assert found == [
        ("clip 0.1", {"theta": 0.0}, ParallelLines(theta=0.0)),
        ("clip 0.1", {"theta": -0.5}, ParallelLines(theta=-0.5)),
        ("Plain", {"theta": 0.0}, ParallelLines(theta=0.0)),
        ("Plain", {"theta": -0.5}, ParallelLines(theta=-0.5)),
    ]


def test_without_factors_a_condition_is_an_arm() -> None:
    found = conditions(experiment(factors={}))
    assert [(condition.arm, condition.levels) for condition in found] == [("clip 0.1", {}), ("Plain", {})]


def test_levels_may_be_whole_numbers_and_kinds() -> None:
    factors = {
        "depth": Factor(at="critic.layers", values=(2.0, 4.0)),
        "data": Factor(at="data", values=("swiss_roll",)),
        "optimizer": Factor(at="optimizer.kind", values=("rmsprop",)),
    }
    found = conditions(experiment(arms={"a": setting()}, factors=factors))
    assert [condition.setting.critic.layers for condition in found] == [2, 4]
    assert {condition.setting.data for condition in found} == {SwissRoll()}
    assert {condition.setting.optimizer for condition in found} == {RMSProp(lr=5e-5)}


def test_runs_are_conditions_by_seeds() -> None:
    found = runs(experiment(), "desk", "critic.width=8", seeds(2))
    assert [run.seed for run in found] == [10, 11] * 4
    assert {(run.experiment, run.scale, run.variant) for run in found} == {
        ("wgan-gp/sample", "desk", "critic.width=8")
    }


def test_a_run_survives_json() -> None:
    for run in runs(experiment(), "desk", "", [10]):
        again = msgspec.json.decode(msgspec.json.encode(run), type=Run)
        assert again == run
        assert again.id == run.id


def test_ids_are_short_and_of_few_letters() -> None:
    (run,) = runs(experiment(arms={"A, b=c+D_" * 6: setting()}, factors={}), "desk", "", [10])
    assert re.fullmatch(r"[a-z0-9.-]{1,80}\.s10\.[0-9a-f]{12}", run.id)


def test_ids_differ_by_seed_and_setting_but_not_by_scale_or_variant() -> None:
    def id_(**changes: object) -> str:
        run = Run(experiment="a/b", scale="desk", arm="x", seed=10, setting=setting())
        return str(msgspec.structs.replace(run, **changes).id)

    assert id_() == id_(scale="gpu", variant="critic.width=8")
    assert len({id_(), id_(seed=11), id_(setting=setting(batch_size=65))}) == 3


def test_what_equals_its_default_does_not_count() -> None:
    explicit = setting(data=ParallelLines(theta=1), probes=Probes(), critic_steps=1)
    assert canonical(explicit) == canonical(setting())


def test_a_new_field_with_a_default_changes_no_identity() -> None:
    old = msgspec.defstruct("Old", [("a", float)], tag_field="kind", tag="x")
    new = msgspec.defstruct(
        "New",
        [
            ("a", float),
            ("b", int, 3),
            ("c", SGD, SGD(lr=1.0)),
            ("d", dict[str, float], msgspec.field(default_factory=dict)),
        ],
        tag_field="kind",
        tag="x",
    )
    assert canonical(new(a=1)) == canonical(old(a=1)) == {"kind": "x", "a": 1.0}
    assert canonical(new(a=1, c=SGD(lr=2.0), d={"e": 1})) == {
        "kind": "x",
        "a": 1.0,
        "c": {"kind": "sgd", "lr": 2.0},
        "d": {"e": 1.0},
    }


@pytest.mark.parametrize(
    ("text", "expected"), [("clip 0.1", "clip-0.1"), ("A_b", "a-b"), ("(x)", "x"), ("1e-05", "1e-05")]
)
def test_slug(text: str, expected: str) -> None:
    assert slug(text) == expected
