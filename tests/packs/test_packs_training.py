"""What packs bring, in training: against closed forms, and the suite's own."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from suite.data import images, packed, source
from suite.errors import UserError
from suite.metrics.reduce import metric, protocol
from suite.networks.generators import network_of
from suite.networks.mlp import MLP
from suite.objectives.constraint import matrices
from suite.objectives.losses import critic_loss, critic_slopes, generator_slope, generator_terms
from suite.series import Series
from suite.spec import schema
from suite.spec.load import load as load_file
from suite.spec.runs import Run
from suite.spec.sizes import classes, dimension, image_shape
from suite.streams import stream
from suite.training.bounds import bounds
from suite.training.cohort import Cohort
from suite.training.draws import critic_draws
from suite.training.loop import train
from suite.training.state import part, restore, start
from tests.objectives.means import loss as loss_of
from tests.packs.conftest import BAG
from tests.runs import runs

SCORES = torch.tensor([[0.5, -2.0, 3.0]])
HINGE = schema.PackLoss(use="bag/scaled_hinge", options={"scale": 2.0})


def of_bag(arm: str = "ball", count: int = 2, **changes: object) -> list[Run]:
    found = runs(load_file(BAG / "experiments" / "bag" / "everything.yaml", "desk"), "desk", "", range(count))
    chosen = [run for run in found if run.arm == arm]
    return [
        msgspec.structs.replace(run, setting=msgspec.structs.replace(run.setting, **changes))
        for run in chosen
    ]


def cohort_of(members: list[Run]) -> Cohort:
    return Cohort.of(members, torch.device("cpu"))


def trained(members: list[Run]) -> dict[str, np.ndarray]:
    cohort = cohort_of(members)
    state = start(cohort)
    train(cohort, state, lambda _: None)
    return {run.id: part(state, index)["critic"] for index, run in enumerate(members)}


# --- Losses -------------------------------------------------------------------------------


def test_a_packs_loss_is_its_own(bag: Path) -> None:
    torch.testing.assert_close(critic_loss(HINGE, SCORES, -SCORES), 2 * critic_loss("hinge", SCORES, -SCORES))
    torch.testing.assert_close(generator_terms(HINGE, SCORES), 2 * generator_terms("hinge", SCORES))
    found, expected = (critic_slopes(loss, SCORES, -SCORES) for loss in (HINGE, "hinge"))
    for own, built_in in zip(found, expected, strict=True):
        torch.testing.assert_close(own, 2 * built_in)
    slope = torch.as_tensor(2 * generator_slope("hinge", SCORES), dtype=SCORES.dtype)
    torch.testing.assert_close(generator_slope(HINGE, SCORES), slope.expand_as(SCORES))


# --- Constraints --------------------------------------------------------------------------


def test_every_step_ends_in_the_ball(bag: Path) -> None:
    for critic in trained(of_bag()).values():
        assert np.linalg.norm(critic) < 0.5 + 1e-6
    for critic in trained(of_bag("free")).values():
        assert np.linalg.norm(critic) > 1


@pytest.mark.parametrize("layers", [2, 3], ids=["by autograd", "written out"])
def test_a_penalty_is_added_to_loss_and_gradient(bag: Path, layers: int) -> None:
    """Half the square of the parameters adds ``weight`` times them to the gradient."""
    critic = schema.MLPCritic(layers=layers, width=4)
    sgd = schema.SGD(lr=1.0)
    wide = {"critic": critic, "optimizer": sgd, "iterations": 1, "generator": schema.Resampled()}
    ends = {}
    for weight in (0.0, 0.25):
        ball = schema.PackConstraint(use="bag/ball", options={"radius": 1e6, "weight": weight})
        (run,) = of_bag(count=1, constraint=ball, **wide)
        cohort = cohort_of([run])
        state = start(cohort)
        state.critic = torch.linspace(-1, 1, state.critic.shape[1])[None]
        first = state.critic.clone()
        # The runs' streams differ by their ids: the draws of one serve both.
        members = cohort._replace(runs=(msgspec.structs.replace(run, experiment="same"),))
        ends[weight] = _one_step(members, state, first)
    moved, loss = (ends[0.25][i] - ends[0.0][i] for i in range(2))
    start_ = torch.linspace(-1, 1, moved.shape[1])[None]
    torch.testing.assert_close(moved, -0.25 * start_, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(loss, 0.125 * (start_**2).sum(1), atol=1e-5, rtol=1e-5)


def test_a_constraint_is_handed_normal_numbers_and_others_draw_none(bag: Path) -> None:
    with_, without = of_bag("ball"), of_bag("ball", constraint=schema.Unconstrained())
    draws, others = (critic_draws(cohort_of(each), 0) for each in (with_, without))
    assert draws.normal.shape == draws.real.shape
    assert others.normal.shape == (*draws.real.shape[:-1], 0)
    assert abs(float(draws.normal.mean())) < 4 / draws.normal.numel() ** 0.5
    assert float(draws.normal.std()) == pytest.approx(1.0, abs=4 / draws.normal.numel() ** 0.5)
    assert not torch.equal(draws.normal[:, 0], draws.normal[:, 1])


def test_what_else_is_drawn_stays_as_it_is(bag: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs_ = of_bag("ball")
    drawn = critic_draws(cohort_of(runs_), 0)
    monkeypatch.setattr("suite.training.draws.PackConstraint", schema.Clip)
    for own, plain in zip(drawn[:-1], critic_draws(cohort_of(runs_), 0)[:-1], strict=True):
        assert torch.equal(own, plain)


def _one_step(cohort: Cohort, state: object, first: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    from suite.training.draws import Draws
    from suite.training.loop import critic_step

    rng = torch.Generator().manual_seed(1)
    batch = [torch.randn(1, 4, 3, generator=rng) for _ in range(2)]
    draws = Draws(*batch, torch.rand(1, 4, 1, generator=rng), *[torch.zeros(1, 4, 0)] * 3)
    move = critic_step(cohort, state, bounds(cohort), draws)  # type: ignore[arg-type]
    return state.critic - first, loss_of(move.gradient)  # type: ignore[attr-defined]


def test_a_constraint_of_another_class_is_an_error(copied: Path, load: object) -> None:
    """Else it would be taken for none."""
    file = copied / "code.py"
    file.write_text(file.read_text().replace("class Ball(Constraint)", "class Ball"))
    load(copied)  # type: ignore[operator]
    with pytest.raises(UserError, match=r"^constraint 'bag/ball' is made as Ball\n"):
        bounds(cohort_of(of_bag()))


def test_weights_are_found_without_their_biases(bag: Path) -> None:
    network = MLP((3, 4, 1), "relu", "layer")
    flat = torch.arange(float(network.parameters))[None]
    assert [tuple(each.shape) for each in matrices(network, network.split(flat))] == [(1, 3, 4), (1, 4, 1)]


# --- Data and networks --------------------------------------------------------------------


def test_data_are_drawn_by_the_pack_alike_each_time(bag: Path) -> None:
    data = schema.PackData(use="bag/cross", options={"size": 2.0})
    points = source.sample(data, stream("one", "purpose"), 100)
    assert (dimension(data), points.shape, points.dtype) == (3, (100, 3), np.float32)
    assert ((points != 0).sum(1) == 1).all()
    assert 1 < np.abs(points).max() <= 2
    np.testing.assert_array_equal(points, source.sample(data, stream("one", "purpose"), 100))
    np.testing.assert_array_equal(source.held_out(data, 9, "x"), source.held_out(data, 9, "x"))


def test_data_of_another_shape_than_declared_are_told(copied: Path, load: object) -> None:
    file = copied / "pack.yaml"
    file.write_text(file.read_text().replace("dimension: 3", "dimension: 2"))
    load(copied)  # type: ignore[operator]
    with pytest.raises(UserError, match=r"'bag/cross' gave points of shape \(5, 3\), not \(5, 2\)"):
        source.sample(schema.PackData(use="bag/cross"), stream("one", "purpose"), 5)


STRIPES = schema.PackImages(use="bag/stripes")


def test_images_have_the_shape_and_classes_that_are_declared(bag: Path) -> None:
    assert (image_shape(STRIPES), classes(STRIPES), dimension(STRIPES)) == ((8, 8, 1), 2, 64)
    whole = images.load(STRIPES)
    assert (len(whole.train), len(whole.held_out)) == (80, 40)
    pictures, labels = images.sample_labelled(STRIPES, stream("one", "purpose"), 50)
    upright = (pictures.reshape(50, 8, 8)[:, 0] == pictures.reshape(50, 8, 8)[:, 1]).all(1)
    np.testing.assert_array_equal(labels, np.where(upright, 0, 1))
    assert len(images.load(msgspec.structs.replace(STRIPES, limit=7)).train) == 7
    assert images.one_each(STRIPES).shape == (2, 64)


def test_the_suites_networks_and_probes_take_them(bag: Path) -> None:
    (run,) = of_bag(
        "free",
        count=1,
        data=STRIPES,
        generator=schema.DCGANGenerator(width=2, latent=3),
        critic=schema.DCGANCritic(width=2, normalization="none"),
        iterations=2,
        probes=schema.Probes(
            sheet=schema.Sheet(points=1, samples=4), validation=schema.Validation(points=1, samples=8)
        ),
    )
    cohort = cohort_of([run])
    state = start(cohort)
    train(cohort, state, lambda _: None)
    assert state.log.of_run(0)["sheet.images"].values.shape == (2, 4, 64)
    assert np.isfinite(state.log.of_run(0)["validation.gap"].values).all()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("shape: [8, 8, 1]", "shape: [8, 4, 1]", "are uint8 of shape (80, 8, 8, 1), not uint8 of"),
        ("classes: 2", "classes: 0", "there are 80 labels of 80 training images"),
        ("classes: 2", "classes: 1", "labels of training images are not all from 0 to 0"),
    ],
)
def test_images_that_are_not_as_declared_are_told(
    copied: Path, load: object, old: str, new: str, said: str
) -> None:
    file = copied / "pack.yaml"
    file.write_text(file.read_text().replace(old, new))
    load(copied)  # type: ignore[operator]
    with pytest.raises(UserError) as caught:
        packed.images(STRIPES)
    assert said in str(caught.value)


def test_networks_are_the_packs(bag: Path) -> None:
    (run,) = of_bag(count=1)
    assert cohort_of([run]).critic == MLP((3, 5, 1), "relu", "none")
    assert network_of(run.setting) == MLP((3, 4, 3), "tanh", "none")


# --- Runs ---------------------------------------------------------------------------------


def test_a_run_is_the_same_to_the_bit_alone_and_in_a_batch(bag: Path) -> None:
    members = of_bag(count=3)
    together = trained(members)
    for run in members:
        np.testing.assert_array_equal(trained([run])[run.id], together[run.id])


def test_a_run_goes_on_where_it_stood(bag: Path) -> None:
    members = of_bag(count=2)
    cohort = cohort_of(members)
    state, kept = start(cohort), []

    def keep(now: object) -> None:
        if not kept:
            kept.extend({name: value.copy() for name, value in part(state, i).items()} for i in range(2))

    train(cohort, state, keep)
    again = restore(cohort, kept)
    assert 0 < again.iteration < state.iteration
    train(cohort, again, lambda _: None)
    for index in range(2):
        for name, values in part(state, index).items():
            np.testing.assert_array_equal(part(again, index)[name], values, err_msg=name)


def test_a_probe_measures_on_its_schedule(bag: Path) -> None:
    cohort = cohort_of(of_bag())
    state = start(cohort)
    train(cohort, state, lambda _: None)
    found = state.log.of_run(0)["bag/first_weights.largest"]
    assert found.iterations.tolist() == [0, 4, 8, 12]
    weights = cohort.critic.split(state.critic)[0][0]
    assert found.values[-1] == pytest.approx(weights.abs().max().item())
    assert state.log.of_run(0)["bag/first_weights.rows"].values.shape == (4, 3, 5)


def test_a_probe_that_does_not_give_what_it_declares_is_an_error(copied: Path, load: object) -> None:
    file = copied / "pack.yaml"
    file.write_text(file.read_text().replace("{largest:", "{smallest: not there, largest:"))
    load(copied)  # type: ignore[operator]
    cohort = cohort_of(of_bag())
    with pytest.raises(UserError, match=r"gave nothing for its quantity 'smallest', not shape \[2\]"):
        train(cohort, start(cohort), lambda _: None)


# --- Metrics ------------------------------------------------------------------------------

SPEC = schema.Metric(series="a.b", reduce="pack", use="bag/spread", options={"power": 2.0})
RISING = {"a.b": Series(np.arange(4), np.array([1.0, 2.0, 3.0, 11.0]))}


def test_a_packs_metric_is_made_of_the_series(bag: Path) -> None:
    assert metric(SPEC, RISING) == 100
    assert metric(msgspec.structs.replace(SPEC, after=1, transform="log10"), RISING) == pytest.approx(
        np.log10(81)
    )


def test_its_protocol_is_of_the_packs_content(copied: Path, bag: Path, load: object) -> None:
    one = protocol(SPEC, schema.Probes())
    other = protocol(schema.Metric(series="a.b"), schema.Probes())
    (copied / "code.py").write_text((copied / "code.py").read_text() + "x = 1\n")
    load(copied)  # type: ignore[operator]
    assert protocol(SPEC, schema.Probes()) != one
    assert protocol(schema.Metric(series="a.b"), schema.Probes()) == other
