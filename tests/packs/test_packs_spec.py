"""Packs in experiment files: what is legal, what is told, and what a run is called."""

import shutil
from collections.abc import Callable
from pathlib import Path

import jsonschema
import msgspec
import pytest
import yaml

from suite.errors import UserError
from suite.launch.batches import shape
from suite.report.settings import flat
from suite.spec import schema
from suite.spec.borrow import experiment_id
from suite.spec.json_schema import file_schema
from suite.spec.library import find
from suite.spec.load import check_file, load
from suite.spec.overrides import parse_overrides, variants
from suite.spec.packs.faults import use_faults
from suite.spec.runs import conditions
from suite.spec.uses import packs_of, packs_used
from suite.store.version import ROOT
from tests.packs.conftest import BAG
from tests.runs import runs

FILE = Path("experiments", "bag", "everything.yaml")
Load = Callable[..., None]


def settings(folder: Path, *overrides: str) -> dict[str, schema.Setting]:
    (variant,) = variants(parse_overrides(overrides))
    return load(folder / FILE, "desk", variant).arms


def problems(folder: Path, old: str, new: str) -> list[str]:
    """What is said, without places, of a changed file."""
    text = (folder / FILE).read_text()
    assert text.count(old) == 1
    (folder / FILE).write_text(text.replace(old, new))
    with pytest.raises(UserError) as caught:
        check_file(folder / FILE)
    return [
        line.partition(": ")[2].partition(" (arm")[0].partition(" (scale")[0]
        for line in str(caught.value).splitlines()
        if line.startswith(str(folder))
    ]


def test_a_file_may_use_all_that_a_pack_brings(bag: Path) -> None:
    check_file(bag / FILE)
    arms = settings(bag)
    assert arms["ball"].constraint == schema.PackConstraint(
        use="bag/ball", options={"radius": 0.5, "weight": 0.1}
    )
    assert arms["free"].loss == schema.PackLoss(use="bag/scaled_hinge")


def test_the_editors_schema_knows_packs(bag: Path) -> None:
    content = yaml.safe_load((bag / FILE).read_text().replace("1e-3", "0.001"))
    jsonschema.validate(content, file_schema())


def test_an_override_names_what_a_pack_brings(bag: Path) -> None:
    arms = settings(bag, "constraint=bag/ball", "constraint.options.radius=3", "loss=hinge")
    assert arms["free"].constraint == schema.PackConstraint(use="bag/ball", options={"radius": 3.0})
    assert arms["free"].loss == "hinge"


def test_another_name_of_a_pack_starts_anew(bag: Path) -> None:
    (variant,) = variants(parse_overrides(["data=bag/cross"]))
    merged = load(bag / FILE, "desk", variant).arms["free"].data
    assert merged == schema.PackData(use="bag/cross", options={"size": 2.0})
    with pytest.raises(UserError, match=r"'bag/other': pack 'bag' brings none of that name") as caught:
        settings(bag, "data=bag/other")
    # The options of what was there before are not taken for its own.
    assert "option" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("radius: 0.5", "radios: 0.5", "unknown option 'radios' of constraint bag/ball"),
        ("radius: 0.5", "radius: big", "option 'radius' of constraint bag/ball must be a number"),
        ("power: 2", "power: 2.5", "option 'power' of metric bag/spread must be a whole number"),
        ("power: 2", "power: true", "option 'power' of metric bag/spread must be a whole number"),
        ("reduce: pack, ", "", "'use' is for reduce pack"),
        ("use: bag/spread, ", "", "reduce pack needs 'use'"),
        ("kind: pack, use: bag/dots", "kind: pack", "kind pack needs 'use'"),
        (
            "loss: bag/scaled_hinge",
            "loss: bag/hinge",
            "loss 'bag/hinge': pack 'bag' brings none of that name",
        ),
        (
            "moved: {series: bag/first_weights.largest",
            "moved: {series: bag/first_weights.smallest",
            "unknown quantity 'smallest' of probe bag/first_weights",
        ),
        (
            "moved: {series: bag/first_weights.largest",
            "moved: {series: bag/last_weights.largest",
            "probe 'bag/last_weights': pack 'bag' brings none of that name",
        ),
        (
            "{bag/first_weights: {points: 3}}",
            "{bag/first_weights: {points: 3, options: {deep: 1}}}",
            "unknown option 'deep' of probe bag/first_weights",
        ),
        (
            "probes: {packs: {bag/first_weights: {points: 3}}}",
            "probes: {}",
            "claims.smaller: metric 'weights' needs the probe bag/first_weights, which is off in arm 'ball'",
        ),
    ],
)
def test_mistakes_are_told_at_their_places(copied: Path, load: object, old: str, new: str, said: str) -> None:
    load(copied)  # type: ignore[operator]
    assert said in problems(copied, old, new)


def test_without_the_pack_a_file_cannot_be_run_but_read() -> None:
    with pytest.raises(UserError, match="pack 'bag' is not here\n"):
        load(BAG / FILE, "desk")
    found = load(BAG / FILE, "desk", reading=True)
    assert packs_used(found) == ("bag",)


def test_images_of_a_pack_that_is_not_here_are_no_reason_to_read_nothing(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(BAG / "experiments", tmp_path / "experiments"))
    file = folder / "bag" / "everything.yaml"
    text = file.read_text().replace("use: bag/cross, options: {size: 2}", "use: bag/stripes")
    text = text.replace("data: {kind: pack,", "data: {kind: pack_images,")
    file.write_text(
        text.replace("generator: {kind: pack, use: bag/scaling, latent: 3}", "generator: one_each")
    )
    found = load(file, "desk", reading=True)
    assert found.arms["free"].data == schema.PackImages(use="bag/stripes")
    with pytest.raises(UserError, match="set of images 'bag/stripes': pack 'bag' is not here"):
        load(file, "desk")


@pytest.mark.parametrize(
    ("default", "shown"), [("one", "'one'"), ("[1.5, 2.0]", "[1.5, 2.0]"), ("true", "true")]
)
def test_what_an_option_is_by_itself_is_told_as_a_file_has_it(
    copied: Path, load_: Load, default: str, shown: str
) -> None:
    file = copied / "pack.yaml"
    file.write_text(file.read_text().replace("options: {power: 1}", f"options: {{power: {default}}}"))
    load_(copied)
    (fault,) = use_faults("metrics", "bag/spread", {"power": 2.0}, ())
    assert fault.cure == f"it is {shown} where it is not given"


def test_a_surface_is_of_two_coordinates_at_most(copied: Path, load_: object) -> None:
    load_(copied)  # type: ignore[operator]
    old, new = "bag/first_weights: {points: 3}}", "bag/first_weights: {points: 3}}, surface: {}"
    said = "probe surface looks into a perceptron's layers"
    critic = (
        "critic: {kind: pack, use: bag/deep, options: {width: 5}}",
        "critic: {kind: mlp, layers: 3, width: 4}",
    )
    file = copied / FILE
    file.write_text(file.read_text().replace(*critic))
    assert said in problems(copied, old, new)


# --- What runs are called -----------------------------------------------------------------


def test_a_run_names_the_packs_it_uses(bag: Path) -> None:
    found = runs(load(bag / FILE, "desk"), "desk", "", [10])
    assert {run.packs for run in found} == {("bag",)}
    assert all(run.id.endswith("+bag") and run.id.count("+") == 1 for run in found)


@pytest.mark.parametrize("use", ["data", "generator", "critic", "loss", "constraint", "probes"])
def test_each_thing_of_a_pack_makes_a_run_one_of_it(bag: Path, use: str) -> None:
    whole = settings(bag)["ball"]
    own = load(ROOT / "experiments" / "wgan_gp" / "unit_gradient.yaml", "desk").arms["penalty 10"]
    assert packs_of(own) == ()
    assert packs_of(msgspec.structs.replace(own, **{use: getattr(whole, use)})) == ("bag",)


def test_images_make_a_run_one_of_the_pack_as_well(bag: Path) -> None:
    words = ("data={kind: pack_images, use: bag/stripes, limit: 5, options: {count: 9}}",)
    images = {"generator": "{kind: dcgan, width: 2}", "critic": "{kind: dcgan, width: 2}"}
    arms = settings(bag, *words, *(f"{key}={value}" for key, value in images.items()))
    assert arms["free"].data == schema.PackImages(use="bag/stripes", limit=5, options={"count": 9.0})
    other = msgspec.structs.replace(arms["free"], probes=schema.Probes(), loss="hinge")
    assert packs_of(other) == ("bag",)
    with pytest.raises(UserError, match="unknown option 'number' of set of images bag/stripes"):
        settings(bag, "data={kind: pack_images, use: bag/stripes, options: {number: 9}}")


def test_the_suites_own_runs_are_called_the_same_with_and_without(load_: object, bag: Path) -> None:
    path = ROOT / "experiments" / "wgan_gp" / "unit_gradient.yaml"
    with_pack = [run.id for run in runs(load(path, "desk"), "desk", "", [10])]
    load_()  # type: ignore[operator]
    assert [run.id for run in runs(load(path, "desk"), "desk", "", [10])] == with_pack
    assert not any("+" in name for name in with_pack)


@pytest.fixture
def load_(request: pytest.FixtureRequest) -> object:
    return request.getfixturevalue("load")


def test_runs_are_trained_together_where_all_of_a_pack_agrees(bag: Path) -> None:
    one = settings(bag)["ball"]
    other = settings(bag, "constraint=bag/ball", "constraint.options.radius=3")["ball"]
    assert shape(one) == shape(settings(bag)["ball"])
    assert shape(one) != shape(other)


def test_options_are_shown_one_by_one(bag: Path) -> None:
    rows = flat(settings(bag)["ball"])
    assert rows["constraint.use"] == "bag/ball"
    assert rows["constraint.options.radius"] == "0.5"
    assert rows["probes.packs.bag/first_weights.points"] == "3"
    assert not any(path.endswith(("options", "packs")) for path in rows)


def test_a_record_is_read_whether_or_not_the_pack_is_here(bag: Path, load_: object) -> None:
    run = runs(load(bag / FILE, "desk"), "desk", "", [10])[0]
    content = msgspec.json.encode(run)
    load_()  # type: ignore[operator]
    assert msgspec.json.decode(content, type=type(run)) == run


def test_an_experiment_of_the_same_id_is_told_with_both_files(copied: Path) -> None:
    suites = BAG / "experiments"
    with pytest.raises(UserError) as caught:
        find(suites, [copied / "experiments"])
    assert str(caught.value) == (
        f"{BAG / FILE}, {copied / FILE}: both are experiment 'bag/everything'\n    rename one"
    )
    assert experiment_id(copied / FILE) == "bag/everything"


def test_factors_reach_options(copied: Path, load_: object) -> None:
    text = (copied / FILE).read_text()
    factors = "factors: {radius: {at: constraint.options.radius, values: [0.5, 2]}}\n"
    text = text.replace("  free: {}\n", "").replace("metrics:\n", f"{factors}metrics:\n", 1)
    text = text.replace("    versus: free\n", "").replace("ordering", "threshold\n    where: {radius: 2}")
    text = text.replace("looks: [4]", "looks: [5]")
    (copied / FILE).write_text(text)
    load_(copied)  # type: ignore[operator]
    check_file(copied / FILE)
    found = conditions(load(copied / FILE, "desk"))
    assert [condition.setting.constraint.options["radius"] for condition in found] == [0.5, 2]


BORROWED = """\
borrowed:
  theirs: {experiment: wgan-gp/gradient-norms, arm: clip 0.1}
metrics:
"""


def test_a_pack_borrows_arms_from_the_suites_own_experiments(copied: Path, load_: Load) -> None:
    load_(copied)
    (copied / FILE).write_text((copied / FILE).read_text().replace("metrics:\n", BORROWED, 1))
    check_file(copied / FILE)
    lender = load(ROOT / "experiments" / "wgan_gp" / "gradient_norms.yaml", "smoke")
    borrower = load(copied / FILE, "smoke")
    assert borrower.arms["theirs"] == lender.arms["clip 0.1"]
    own = {run.id for run in runs(lender, "smoke", "", range(10, 12)) if run.arm == "clip 0.1"}
    lent = {run.id for run in runs(borrower, "smoke", "", range(10, 12)) if run.arm == "clip 0.1"}
    assert own == lent
    assert len(own) == 2


def test_it_is_told_what_it_cannot_borrow(copied: Path, load_: Load) -> None:
    load_(copied)
    there = "experiment: wgan-gp/gradient-norms"
    text = BORROWED.replace(there, "experiment: wgan-gp/gradient-norm")
    assert problems(copied, "metrics:\n", text) == ["no experiment 'wgan-gp/gradient-norm'"]


def test_experiments_that_are_no_packs_borrow_from_their_own_folder_only(copied: Path, load_: Load) -> None:
    load_()
    (copied / FILE).write_text((copied / FILE).read_text().replace("metrics:\n", BORROWED, 1))
    with pytest.raises(UserError, match="no experiment 'wgan-gp/gradient-norms'"):
        check_file(copied / FILE)
