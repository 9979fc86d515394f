"""Arms crossed with further ones, and arms that are another experiment's."""

import shutil
from pathlib import Path

import msgspec
import pytest
from msgspec import inspect

from suite.errors import UserError
from suite.spec import schema
from suite.spec.layout import SCALES, File
from suite.spec.load import check_file, load, load_paper
from suite.spec.nodes import entries_of, parse
from suite.spec.overrides import Variant, parse_overrides, variants
from suite.spec.runs import Condition, run_of
from suite.spec.schema import Borrowed, Experiment, MLPGenerator, Scale
from suite.study import Study
from tests.runs import runs

HERE = Path(__file__).parent
FOLDER = HERE / "experiments" / "wgan_gp"
LENT = "{experiment: wgan-gp/lender, arm: "
CROSSED = ["clip, dcgan", "clip, mlp", "penalty, dcgan", "penalty, mlp"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of lender and borrower, to be changed."""
    shutil.copytree(FOLDER, tmp_path / "experiments" / "wgan_gp")
    return tmp_path / "experiments" / "wgan_gp"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new))


def loaded(name: str, scale: Scale = "desk", *overrides: str, folder: Path = FOLDER) -> Experiment:
    return load(folder / f"{name}.yaml", scale, variant(*overrides))


def variant(*overrides: str) -> Variant:
    (one,) = variants(parse_overrides(overrides))
    return one


def study(name: str, *overrides: str, folder: Path = FOLDER) -> Study:
    paper = load_paper(folder / "paper.yaml")
    path = folder / f"{name}.yaml"
    return Study(paper, loaded(name, "desk", *overrides, folder=folder), "desk", overrides, path)


def mistakes(path: Path) -> str:
    """The errors of a file, places without the folder."""
    with pytest.raises(UserError) as caught:
        check_file(path)
    return str(caught.value).replace(f"{path.parent.as_posix()}/", "")


# --- The samples use all of the format ----------------------------------------------------


def keys_of_the_samples() -> set[str]:
    found: set[str] = set()
    waiting = [
        entry
        for path in (
            HERE / "sample.yaml",
            HERE / "drawn.yaml",
            FOLDER / "lender.yaml",
            FOLDER / "borrower.yaml",
        )
        for entry in parse(path.read_bytes(), path.name).entries.items()
    ]
    while waiting:
        key, entry = waiting.pop()
        found.add(key)
        waiting += entries_of(entry.node).items()
    return found


@pytest.mark.parametrize(
    "kind", [File, schema.Metric, schema.Claim, schema.Control, schema.Figure, schema.Factor, Borrowed]
)
def test_the_samples_have_every_key_of_a_section(kind: type) -> None:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    of_packs = {"use", "options"}  # See tests/packs.
    assert {field.encode_name for field in info.fields} - keys_of_the_samples() - of_packs == set()


# --- Across -------------------------------------------------------------------------------


def test_each_arm_is_crossed_with_each_further_part_which_is_laid_over_it() -> None:
    arms = loaded("lender", "paper").arms
    assert list(arms) == CROSSED
    assert [arm.critic_steps for arm in arms.values()] == [5, 3, 1, 3]
    assert [type(arm.constraint).__name__ for arm in arms.values()] == ["Clip"] * 2 + ["GradientPenalty"] * 2
    assert [isinstance(arm.generator, MLPGenerator) for arm in arms.values()] == [False, True] * 2
    assert {arm.batch_size for arm in arms.values()} == {8}


def test_a_scale_changes_parts_and_arms_before_they_are_crossed() -> None:
    widths = [[arm.generator.width for arm in loaded("lender", s).arms.values()] for s in SCALES]  # type: ignore[union-attr]
    by_scale = dict(zip(SCALES, widths, strict=True))
    assert by_scale == {"smoke": [4, 16], "desk": [2, 16] * 2, "gpu": [4, 8] * 2, "paper": [4, 16] * 2}


def test_what_a_scale_removes_is_not_crossed(folder: Path) -> None:
    assert list(loaded("lender", "smoke").arms) == ["penalty, dcgan", "penalty, mlp"]
    edit(
        folder / "lender.yaml",
        "gpu: {across: {mlp: {generator: {width: 8}}}}",
        "gpu: {across: {dcgan: null}}",
    )
    assert list(loaded("lender", "gpu", folder=folder).arms) == ["clip, mlp", "penalty, mlp"]


def test_a_scale_without_across_has_the_plain_arms(folder: Path) -> None:
    text = "gpu: {across: null, claims: {trains: {arm: penalty}}, figures: {plain_sheets: null}}"
    edit(folder / "lender.yaml", "gpu: {across: {mlp: {generator: {width: 8}}}}", text)
    assert list(loaded("lender", "gpu", folder=folder).arms) == ["clip", "penalty"]


def test_overrides_reach_crossed_arms_and_their_parts() -> None:
    assert {arm.batch_size for arm in loaded("lender", "desk", "batch_size=5").arms.values()} == {5}
    arms = loaded("lender", "desk", "across.mlp.warmup=7", "arms.clip.batch_size=9").arms
    assert [arm.warmup for arm in arms.values()] == [0, 7, 0, 7]
    assert [arm.batch_size for arm in arms.values()] == [9, 9, 8, 8]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "across: {mlp: {",
            "across: {mpl: {",
            """\
lender.yaml:43:18: there is no part of across 'mpl' to change
    43 |   gpu: {across: {mpl: {generator: {width: 8}}}}
                          ^
    did you mean 'mlp'? across: dcgan, mlp""",
        ),
        (
            "across: {dcgan: {generator: {width: 2}}}",
            "across: {dcgn: null}",
            """\
lender.yaml:46:14: null removes 'dcgn' in across, which is not there
    46 |     across: {dcgn: null}
                      ^
    did you mean 'dcgan'? there are: dcgan, mlp; an empty mapping is written {}""",
        ),
        (
            "arms: {clip: null}",
            "arms: {clipp: null}",
            """\
lender.yaml:49:12: null removes 'clipp' in arms, which is not there
    49 |     arms: {clipp: null}
                    ^
    did you mean 'clip'? there are: clip, penalty; an empty mapping is written {}""",
        ),
        (
            "  dcgan: {}\n",
            "  dcgan: 3\n",
            "lender.yaml:20:10: across.dcgan must be a mapping, not 3",
        ),
        (
            "across:\n  dcgan: {}",
            "across:\n  dc/gan: {}",
            "lender.yaml:20:3: 'dc/gan' in across must be a name of at most 60 letters",
        ),
        (
            "  dcgan: {}\n",
            "  dcgan: {critic: {widht: 3}}\n",
            "lender.yaml:20:20: unknown key 'widht' in critic\n",
        ),
        (
            "arm: penalty, mlp",
            "arm: penalty",
            """\
claims.trains: arm 'penalty' is none of the arms
    31 |     arm: penalty
                  ^
    did you mean""",
        ),
        ("y: distance}", "y: distanc}", "figures.sheets: y 'distanc' is none of the metrics"),
    ],
)
def test_a_mistake_in_across_is_told(folder: Path, old: str, new: str, told: str) -> None:
    edit(folder / "lender.yaml", old, new)
    assert told in mistakes(folder / "lender.yaml")


def test_a_crossed_name_that_is_too_long_is_told_at_its_arm(folder: Path) -> None:
    long = "a" * 55
    edit(folder / "lender.yaml", "  penalty:\n", f"  {long}: {{}}\n  penalty:\n")
    told = mistakes(folder / "lender.yaml")
    assert f"lender.yaml:16:3: '{long}, ...' in arms must be a name of at most 60 letters" in told


def test_parts_that_look_alike_in_ids_are_told(folder: Path) -> None:
    edit(folder / "lender.yaml", "  dcgan: {}\n", "  dcgan: {}\n  DCGAN: {}\n")
    assert "arms 'clip, DCGAN' and 'clip, dcgan' look the same in the id of a run" in mistakes(
        folder / "lender.yaml"
    )


def test_runs_of_crossed_arms_are_named_after_both() -> None:
    names = [run.id.rpartition(".")[0] for run in runs(loaded("lender"), "desk", "", [10])]
    assert names == [f"wgan-gp.lender.{name.replace(', ', '-')}.s10" for name in CROSSED]


# --- Borrowed -----------------------------------------------------------------------------


@pytest.mark.parametrize("scale", SCALES)
def test_borrowed_arms_are_the_lenders_at_the_same_scale(scale: Scale) -> None:
    lender, borrower = loaded("lender", scale), loaded("borrower", scale)
    assert list(borrower.arms) == ["real", "mlp", "penalty, dcgan"]
    assert borrower.arms["mlp"] == lender.arms["penalty, mlp"]
    assert borrower.arms["penalty, dcgan"] == lender.arms["penalty, dcgan"]


def test_a_change_of_the_lender_is_a_change_of_the_borrower(folder: Path) -> None:
    edit(folder / "lender.yaml", "batch_size: 8", "batch_size: 9")
    sizes = [arm.batch_size for arm in loaded("borrower", folder=folder).arms.values()]
    assert sizes == [2, 9, 9]


def test_runs_of_borrowed_arms_are_the_lenders() -> None:
    lender = {run.id: run for run in runs(loaded("lender"), "desk", "", [10, 11])}
    found = runs(loaded("borrower"), "desk", "", [10, 11])
    own, lent = found[:2], found[2:]
    assert {run.experiment for run in own} == {"wgan-gp/borrower"}
    assert {(run.experiment, run.arm) for run in lent} == {
        ("wgan-gp/lender", "penalty, mlp"),
        ("wgan-gp/lender", "penalty, dcgan"),
    }
    assert [lender[run.id] for run in lent] == list(lent)


def test_overrides_of_settings_reach_borrowed_arms() -> None:
    lender, borrower = (study(name, "batch_size=4") for name in ("lender", "borrower"))
    assert {arm.batch_size for arm in borrower.experiment.arms.values()} == {4}
    theirs = {
        run.id
        for arm, setting in lender.experiment.arms.items()
        for run in lender.runs(Condition(arm=arm, setting=setting), 18)
    }
    lent = {run.id for run in borrower.all_runs() if run.experiment == "wgan-gp/lender"}
    assert lent
    assert lent <= theirs


def test_overrides_of_a_section_are_the_borrowers_own() -> None:
    plain, changed = loaded("borrower"), loaded("borrower", "desk", "base.warmup=3", "arms.real.batch_size=5")
    assert changed.arms["real"] == msgspec.structs.replace(plain.arms["real"], warmup=3, batch_size=5)
    assert changed.arms["mlp"] == plain.arms["mlp"]


def test_an_override_that_a_borrowed_arm_has_no_place_for_names_the_arm() -> None:
    with pytest.raises(UserError) as caught:
        loaded("borrower", "desk", "critic.layers=2")
    assert "override 'critic.layers=2': unknown key 'layers' in critic (arm 'mlp', scale desk)" in str(
        caught.value
    )


def test_a_borrowed_arm_cannot_be_changed_by_the_borrower() -> None:
    with pytest.raises(UserError, match="there is no arm 'mlp' to change"):
        loaded("borrower", "desk", "arms.mlp.warmup=3")


def test_conditions_know_their_owner_and_runs_their_condition() -> None:
    lender, borrower = study("lender"), study("borrower")
    owners = {condition.arm: condition.owner for condition in borrower.conditions}
    assert owners == {
        "real": None,
        "mlp": Borrowed(experiment="wgan-gp/lender", arm="penalty, mlp"),
        "penalty, dcgan": Borrowed(experiment="wgan-gp/lender", arm="penalty, dcgan"),
    }
    assert [condition.owner for condition in lender.conditions] == [None] * 4
    for run in borrower.first_runs():
        condition = borrower.condition_of(run)
        assert condition is not None
        assert run_of(borrower.experiment, condition, "desk", "", run.seed).id == run.id
    found = {run.arm for run in lender.first_runs() if borrower.condition_of(run) is not None}
    assert found == {"penalty, mlp", "penalty, dcgan"}


def test_a_run_of_another_setting_is_of_no_condition() -> None:
    borrower, other = study("borrower"), study("lender", "batch_size=4")
    assert {borrower.condition_of(run) for run in other.first_runs()} == {None}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "mlp: {experiment: wgan-gp/lender",
            "mlp: {experiment: wgan-gp/lendre",
            """\
borrower.yaml:17:21: no experiment 'wgan-gp/lendre'
    17 |   mlp: {experiment: wgan-gp/lendre, arm: "penalty, mlp"}
                             ^
    did you mean 'wgan-gp/lender'? experiments: wgan-gp/borrower, wgan-gp/lender""",
        ),
        (
            'arm: "penalty, mlp"',
            'arm: "penalty, mpl"',
            """\
borrower.yaml:17:42: wgan-gp/lender has no arm 'penalty, mpl' of its own
    17 |   mlp: {experiment: wgan-gp/lender, arm: "penalty, mpl"}
                                                  ^
    did you mean 'penalty, mlp'? arms: clip, dcgan; clip, mlp; penalty, dcgan; penalty, mlp""",
        ),
        (
            'arm: "penalty, mlp"',
            'arm: "clip, mlp"',
            """\
borrower.yaml:17:42: wgan-gp/lender has no arm 'clip, mlp' at scale smoke
    17 |   mlp: {experiment: wgan-gp/lender, arm: "clip, mlp"}
                                                  ^
    borrow one that every scale has: penalty, dcgan; penalty, mlp""",
        ),
        (
            "mlp: {experiment: wgan-gp/lender",
            "mlp: {experiment: wgan-gp/borrower",
            """\
borrower.yaml:17:8: an experiment cannot borrow from itself
    17 |   mlp: {experiment: wgan-gp/borrower, arm: "penalty, mlp"}
                ^
    name another one""",
        ),
        (
            "  mlp: {exp",
            "  real: {exp",
            """\
borrower.yaml:17:3: arm 'real' is both borrowed and here
    17 |   real: {experiment: wgan-gp/lender, arm: "penalty, mlp"}
           ^
    give one another name""",
        ),
        (
            'arm: "penalty, dcgan"',
            'arm: "penalty, mlp"',
            """\
borrower.yaml:18:3: arms 'mlp' and 'penalty, dcgan' are the same one
    18 |   penalty, dcgan: {experiment: wgan-gp/lender, arm: "penalty, mlp"}
           ^
    borrow it once""",
        ),
        (
            "\nmetrics:",
            "\nfactors: {steps: {at: warmup, values: [0, 1]}}\nmetrics:",
            """\
borrower.yaml:16:1: an experiment with factors cannot borrow arms
    16 | borrowed:
         ^
    write the arms out""",
        ),
        (
            "  gpu: {}",
            "  gpu: {factors: {steps: {at: warmup, values: [0, 1]}}}",
            "borrower.yaml:16:1: an experiment with factors cannot borrow arms",
        ),
        (
            'arm: "penalty, mlp"}',
            "ram: x}",
            "borrower.yaml:17:37: unknown key 'ram' in borrowed.mlp",
        ),
        (
            '{experiment: wgan-gp/lender, arm: "penalty, mlp"}',
            '"penalty, mlp"',
            "borrower.yaml:17:8: borrowed.mlp must be a mapping, not 'penalty, mlp'",
        ),
        (
            "arms:\n",
            "across:\n  mlp: {}\narms:\n",
            "claims.worse.controls.real: arm 'real' is none of the arms",
        ),
        (
            "  gpu: {}",
            "  gpu: {borrowed: {mlp: null}}",
            "claims.worse: arm 'mlp' is none of the arms",
        ),
    ],
)
def test_a_mistake_in_borrowed_is_told(folder: Path, old: str, new: str, told: str) -> None:
    edit(folder / "borrower.yaml", old, new)
    assert told in mistakes(folder / "borrower.yaml")


def test_the_same_name_after_crossing_is_a_clash(folder: Path) -> None:
    edit(folder / "borrower.yaml", "arms:\n  real: {}", "arms:\n  penalty: {}\nacross:\n  dcgan: {}")
    edit(folder / "borrower.yaml", "arm: real", 'arm: "penalty, dcgan"')
    assert "arm 'penalty, dcgan' is both borrowed and here" in mistakes(folder / "borrower.yaml")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "\nmetrics:",
            "\nfactors: {steps: {at: warmup, values: [0, 1]}}\nmetrics:",
            "wgan-gp/lender has factors and cannot lend arms\n",
        ),
        (
            "  paper: {}",
            "  paper: {factors: {steps: {at: warmup, values: [0, 1]}}}",
            "wgan-gp/lender has factors and cannot lend arms\n",
        ),
        (
            "  paper: {}\n",
            "",
            "wgan-gp/lender has mistakes and cannot lend arms\n",
        ),
        ("\narms:", "\nramst:", "wgan-gp/lender has mistakes and cannot lend arms\n"),
    ],
)
def test_what_keeps_an_experiment_from_lending_is_told(folder: Path, old: str, new: str, told: str) -> None:
    edit(folder / "lender.yaml", old, new)
    assert f"borrower.yaml:17:8: {told}" in mistakes(folder / "borrower.yaml")


def test_an_arm_that_the_lender_itself_borrows_cannot_be_borrowed(folder: Path) -> None:
    text = (folder / "borrower.yaml").read_text().replace("wgan-gp/borrower", "wgan-gp/third")
    text = text.replace(
        'mlp: {experiment: wgan-gp/lender, arm: "penalty, mlp"}',
        "mlp: {experiment: wgan-gp/borrower, arm: mlp}",
    )
    (folder / "third.yaml").write_text(text)
    told = mistakes(folder / "third.yaml")
    assert "third.yaml:17:44: wgan-gp/borrower has no arm 'mlp' of its own" in told
    assert "    arms: real\n" in told


def test_a_mistake_in_a_borrowed_arm_is_told_at_the_lenders_place(folder: Path) -> None:
    edit(folder / "lender.yaml", "layers: 4, width: 16", "layers: 4, widht: 16")
    told = mistakes(folder / "borrower.yaml")
    assert "lender.yaml:21:43: unknown key 'widht' in generator" in told


def test_a_lender_that_is_no_yaml_is_told(folder: Path) -> None:
    (folder / "lender.yaml").write_text("a: [")
    assert "lender.yaml:2:1: not valid YAML" in mistakes(folder / "borrower.yaml")


def test_a_claim_about_a_borrowed_arm_needs_its_probe(folder: Path) -> None:
    edit(folder / "lender.yaml", "image_quality: {points: 4}, ", "quality: {}, ")
    told = mistakes(folder / "borrower.yaml")
    assert "metric 'distance' needs the probe image_quality, which is off in arm 'mlp'" in told


# --- An arm that one scale borrows ----------------------------------------------------------


TAKER = """\
id: wgan-gp/taker
title: An arm that desk scale has from another experiment
paper: gulrajani2017
base:
  data: digits
  generator: {kind: dcgan, width: 4, latent: 8, kernel: 5, bias: true}
  critic: {kind: dcgan, width: 8, normalization: none}
  loss: wasserstein
  optimizer: {kind: rmsprop, lr: 5e-5}
  batch_size: 8
  iterations: 50
  probes: {image_quality: {points: 2}}
arms:
  clip: {constraint: {kind: clip, bound: 0.01}, critic_steps: 5}
  penalty: {constraint: gradient_penalty}
metrics:
  distance: {series: image_quality.frechet}
claims:
  worse: {says: It is worse., kind: ordering, metric: distance, arm: clip, versus: penalty, better: higher}
scales:
  paper: {}
  gpu: {}
  desk:
    base: {data: {limit: 100, dequantize: true}, generator: {width: 2}, critic: {width: 2}, iterations: 100}
    borrowed: {clip: {experiment: wgan-gp/lender, arm: "clip, dcgan"}}
  smoke: {}
"""


@pytest.fixture
def taker(folder: Path) -> Path:
    (folder / "taker.yaml").write_text(TAKER)
    return folder


def test_at_one_scale_an_arm_is_another_experiments(taker: Path) -> None:
    owners = {scale: loaded("taker", scale, folder=taker).borrowed for scale in SCALES}
    lent = Borrowed(experiment="wgan-gp/lender", arm="clip, dcgan")
    assert owners == {"smoke": {}, "desk": {"clip": lent}, "gpu": {}, "paper": {}}
    trained, asked = (
        [run.id for run in runs(loaded(name, folder=taker), "desk", "", [10])] for name in ("lender", "taker")
    )
    assert [id_ in trained for id_ in asked] == [True, False]


def test_it_is_measured_as_the_lender_measures(taker: Path) -> None:
    lent, own = (loaded("taker", folder=taker).arms[arm].probes.image_quality for arm in ("clip", "penalty"))
    assert (lent and lent.points, own and own.points) == (4, 2)


def test_an_override_reaches_both(taker: Path) -> None:
    arms = loaded("taker", "desk", "iterations=7", folder=taker).arms
    assert [arm.iterations for arm in arms.values()] == [7, 7]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "iterations: 100}",
            "iterations: 90, critic_steps: 2}",
            "arm 'clip' is trained otherwise than the one that scale desk borrows: iterations",
        ),
        (
            "borrowed: {clip:",
            "borrowed: {cilp:",
            "there is no arm 'cilp' that scale desk could replace",
        ),
        ("desk:\n    base", "desk:\n    factors: {f: {at: warmup, values: [0]}}\n    base", "with factors"),
    ],
)
def test_a_mistake_in_it_is_told(taker: Path, old: str, new: str, told: str) -> None:
    edit(taker / "taker.yaml", old, new)
    assert told in mistakes(taker / "taker.yaml")
