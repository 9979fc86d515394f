"""Overrides of the command line."""

from pathlib import Path

import pytest
from spec_sample import SAMPLE

from suite.errors import UserError
from suite.spec.load import load
from suite.spec.overrides import overrides_in, parse_overrides, variants
from suite.spec.schema import Adam, Clip, Experiment, GradientPenalty


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "wgan_gp" / "sample.yaml"
    path.parent.mkdir()
    path.write_text(SAMPLE)
    paper = "id: gulrajani2017\ntitle: t\nauthors: a\nyear: 2017\nvenue: v\nurl: u\nbibtex: b\n"
    (path.parent / "paper.yaml").write_text(paper)
    return path


def loaded(path: Path, *texts: str) -> Experiment:
    (variant,) = variants(parse_overrides(texts))
    return load(path, "desk", variant)


def texts(*overrides: str) -> list[str]:
    return [variant.text for variant in variants(parse_overrides(overrides))]


def test_no_override_is_one_variant_without_a_name() -> None:
    assert texts() == [""]


def test_a_sweep_is_the_product_of_its_values_by_path() -> None:
    assert texts("optimizer.lr=1e-3,1e-4", "critic.width=128,64") == [
        "critic.width=128 optimizer.lr=0.001",
        "critic.width=128 optimizer.lr=0.0001",
        "critic.width=64 optimizer.lr=0.001",
        "critic.width=64 optimizer.lr=0.0001",
    ]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("optimizer.lr=0.3",),
        ("claims.first.looks=[6, 8]", "critic.width=128", "optimizer={betas: [0, 0.9], kind: adam, lr: 0.1}"),
    ],
)
def test_a_variants_name_is_taken_apart_into_its_words(words: tuple[str, ...]) -> None:
    (text,) = texts(*words)
    assert overrides_in(text) == words


def test_a_name_that_might_be_others_is_not_taken_apart() -> None:
    (text,) = texts('critic.kind="of a loss=b"')
    with pytest.raises(UserError, match=r"cannot be told apart\n    give a run without them"):
        overrides_in(text)


def test_sweeps_that_would_fill_memory_are_refused_before_they_do() -> None:
    values = ",".join(map(str, range(1, 1001)))
    assert len(texts(f"critic.width={values}")) == 1000
    with pytest.raises(UserError) as caught:
        texts(
            "batch_size=8",
            *(f"{path}={values}" for path in ("critic.width", "generator.width", "iterations")),
        )
    assert str(caught.value) == (
        "overrides: 1000 of critic.width x 1000 of generator.width x 1000 of iterations: "
        "1,000,000,000 variants, more than 1,000\n    give fewer values, or sweep in several commands"
    )


def test_commas_inside_brackets_do_not_sweep() -> None:
    assert texts("optimizer.betas=[0.5, 9e-1]") == ["optimizer.betas=[0.5, 0.9]"]
    assert texts("constraint={kind: clip, bound: 0.1}, none") == [
        "constraint={bound: 0.1, kind: clip}",
        "constraint=none",
    ]


def test_text_that_reads_otherwise_without_quotes_keeps_them() -> None:
    assert texts("loss='1e3','a b',yes,null") == ['loss="1e3"', 'loss="a b"', "loss=yes", "loss=null"]


def test_a_setting_is_applied_to_every_arm_last(path: Path) -> None:
    experiment = loaded(path, "optimizer.lr=1e-2", "critic.width=3")
    assert {arm.optimizer.lr for arm in experiment.arms.values()} == {0.01}
    assert {arm.critic.width for arm in experiment.arms.values()} == {3}


def test_a_kind_replaces_and_null_removes(path: Path) -> None:
    experiment = loaded(path, "optimizer={kind: adam, lr: 1}", "generator.latent=null")
    assert experiment.arms["clip 0.1"].optimizer == Adam(lr=1.0)
    assert experiment.arms["penalty"].optimizer == Adam(lr=1.0, betas=(0.5, 0.9))
    assert {arm.generator.latent for arm in experiment.arms.values()} == {2}  # type: ignore[union-attr]


def test_a_path_of_the_file_changes_that_place_alone(path: Path) -> None:
    experiment = loaded(path, "arms.clip 0.1.constraint.bound=0.2", "factors.theta.values=[0.5, 1, 2]")
    assert experiment.arms["clip 0.1"].constraint == Clip(bound=0.2)
    assert experiment.arms["penalty"].constraint == GradientPenalty()
    assert experiment.factors["theta"].values == (0.5, 1.0, 2.0)


def test_an_override_may_leave_a_trend_nothing_to_run_along(path: Path) -> None:
    with pytest.raises(UserError, match="factor 'theta' has one level"):
        loaded(path, "factors.theta.values=[1]", "claims.explodes=null", "claims.same=null")


def test_the_base_yields_to_the_arms(path: Path) -> None:
    experiment = loaded(path, "base.constraint={kind: clip, bound: 7}", "base.warmup=3")
    assert experiment.arms["clip 0.1"].constraint == Clip(bound=0.1)
    assert experiment.arms["clip 0.1"].warmup == 3


def test_null_removes_from_the_file(path: Path) -> None:
    experiment = loaded(path, "claims.grows=null", "claims.same=null", "figures.norms=null")
    assert list(experiment.claims) == ["explodes"]
    assert list(experiment.figures) == ["distances"]


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        (
            "critic.widht=3",
            """\
override 'critic.widht=3': unknown key 'widht' in critic (arm 'clip 0.1', scale desk)
    did you mean 'width'? legal keys: activation, initialization, kind, labels, layers, normalization, width""",  # noqa: E501
        ),
        (
            "critc.width=3",
            "override 'critc.width=3': 'critc' is no setting\n    did you mean 'critic'?",
        ),
        ("seeds=12", "override 'seeds=12': 'seeds' is no setting"),
        ("scales.desk.base.warmup=1", "'scales' is no setting"),
        ("critic.width", "override 'critic.width': has no value"),
        ("critic.width=", "override 'critic.width=': has no value"),
        ("critic..width=3", "'critic..width' is not a whole path"),
        ("metrics=3", "'metrics' is not a whole path"),
        ("critic" + ".a" * 60 + "=3", "is not a whole path"),
        ("critic.width=[", "override 'critic.width=[': not valid YAML"),
        ("critic.width=\udcff", "is not valid UTF-8"),
        ("critic.width=1_000", "not '1_000' (arm 'clip 0.1', scale desk)\n    write 1000"),
        ("constraint.bound=1", "unknown key 'bound' in constraint (arm 'penalty', scale desk)"),
        ("arms.clp.warmup=1", "override 'arms.clp.warmup=1': there is no arm 'clp' to change"),
        ("arms.penalty=3", "arms.penalty must be a mapping, not 3"),
        ("metrics.slope.reduce=lst", "metrics.slope.reduce must be one of"),
        ("claims.none=null", "null removes 'none' in claims, which is not there"),
        ("data.theta=1", "factor 'theta' sets data.theta to each of its levels"),
        ("claims.explodes.arm=x", "claims.explodes: arm 'x' is none of the arms (scale desk)"),
    ],
)
def test_a_wrong_override_is_named(path: Path, override: str, expected: str) -> None:
    with pytest.raises(UserError) as caught:
        loaded(path, override)
    assert expected in str(caught.value)


def test_a_path_is_overridden_once() -> None:
    with pytest.raises(UserError, match="override 'warmup=2': warmup is overridden twice"):
        parse_overrides(["warmup=1", "warmup=2"])


def test_overriding_the_data_of_a_factor_needs_data_with_it(path: Path) -> None:
    with pytest.raises(UserError, match=r"factor 'theta' at data.theta: unknown key 'theta'"):
        loaded(path, "data=two_gaussians")
