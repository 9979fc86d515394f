"""Probes against closed forms, on critics that are known."""

import numpy as np
import pytest
import torch

from suite.spec import schema
from suite.spec.quantities import QUANTITIES
from suite.training.bounds import bounds
from suite.training.cohort import Cohort
from suite.training.probes import PROBES, View, due, measure
from suite.training.state import start
from tests.training.settings import CPU, run, trained

LINEAR = schema.MLPCritic(layers=1, width=1)


def view(parameters: list[float] | None = None, **changes: object) -> View:
    """A cohort of one, seen by a probe; ``parameters`` sets the critic's."""
    cohort = Cohort.of([run(**changes)], CPU)
    state = start(cohort)
    if parameters is not None:
        state.critic = torch.tensor([parameters])
    return View(cohort, state, bounds(cohort))


def test_every_probe_says_what_the_vocabulary_says() -> None:
    probes = schema.Probes(
        **{
            name: type_()
            for name, type_ in {
                "gradient_norms": schema.GradientNorms,
                "weight_histogram": schema.WeightHistogram,
                "surface": schema.Surface,
                "potential": schema.Potential,
                "interpolates": schema.Interpolates,
                "fake_gradients": schema.FakeGradients,
                "step_cosine": schema.StepCosine,
                "cross_gradient": schema.CrossGradient,
                "quality": schema.Quality,
                "divergences": schema.Divergences,
                "discrimination": schema.Discrimination,
            }.items()
        }
    )
    state = trained(run(probes=probes, iterations=2), run(11, probes=probes, iterations=2))
    scalars = {name for name, values in state.log.values.items() if values[-1].ndim == 1}
    here = {"losses"} | {name for name in PROBES | {"step_cosine": None} if getattr(probes, name) is not None}
    named = {f"{probe}.{quantity}" for probe in here for quantity in QUANTITIES[probe]}
    assert named <= scalars
    assert scalars - named == {"weight_histogram.range"}
    assert (
        PROBES.keys() | {"step_cosine"}
        == set(schema.Probes.__struct_fields__) - {"packs"}
        == QUANTITIES.keys() - {"losses"}
    )


@pytest.mark.parametrize(
    ("points", "iterations", "expected"),
    [(0, 10, [10]), (1, 10, [0, 10]), (4, 10, [0, 2, 5, 8, 10]), (20, 5, [0, 1, 2, 3, 4, 5]), (3, 0, [0])],
)
def test_when_a_probe_is_due(points: int, iterations: int, expected: list[int]) -> None:
    assert [i for i in range(iterations + 1) if due(points, i, iterations)] == expected


def test_linear_critic_on_a_grid() -> None:
    """D(x, y) = 2 x + 3 y + 1: rows of the grid are y."""
    found = PROBES["surface"](view([2.0, 3.0, 1.0], critic=LINEAR), schema.Surface(grid=3, extent=1))
    expected = [[2 * x + 3 * y + 1 for x in (-1, 0, 1)] for y in (-1, 0, 1)]
    np.testing.assert_allclose(found["values"][0], expected)


def test_pieces_of_a_single_relu() -> None:
    """relu(x) has two linear pieces on the grid, whatever y is."""
    one = schema.MLPCritic(layers=2, width=1)
    found = PROBES["surface"](view([1.0, 0.0, 0.0, 1.0, 0.0], critic=one), schema.Surface(grid=9))
    assert found["pieces"].tolist() == [2.0]


def test_gradient_norms_of_a_linear_critic_of_three_layers() -> None:
    """Weights all 1/2 and positive activations: each layer back adds half of two equal parts."""
    critic = schema.MLPCritic(layers=4, width=2)
    weights = [0.5] * 4 + [9.0] * 2 + ([0.5] * 4 + [9.0] * 2) * 2 + [0.5] * 2 + [0.0]
    found = PROBES["gradient_norms"](
        view(weights, critic=critic, constraint=schema.Unconstrained()), schema.GradientNorms(samples=8)
    )
    # d loss / d h3 = +-1/2 a unit and sample / 8: going back multiplies by 1/2 + 1/2 = 1.
    assert found["by_layer"].shape == (1, 3)
    np.testing.assert_allclose(found["by_layer"][0], np.sqrt(16 * 2) * 0.5 / 8)
    assert found["slope"][0] == pytest.approx(0)


def test_gradient_norms_see_a_clipped_critic_before_the_first_step() -> None:
    spec = schema.GradientNorms(samples=8)
    clipped = view([5.0] * 15, critic=schema.MLPCritic(layers=3, width=2), constraint=schema.Clip(bound=0.1))
    already = view([0.1] * 15, critic=schema.MLPCritic(layers=3, width=2), constraint=schema.Clip(bound=0.1))
    found, expected = (PROBES["gradient_norms"](v, spec) for v in (clipped, already))
    np.testing.assert_allclose(found["by_layer"], expected["by_layer"])


def test_interpolates_of_a_linear_critic() -> None:
    found = PROBES["interpolates"](view([3.0, 4.0, 0.0], critic=LINEAR), schema.Interpolates(samples=32))
    assert found["median_norm"][0] == pytest.approx(5)
    assert found["variation"][0] == pytest.approx(0, abs=1e-12)


def test_direction_of_an_optimal_critic_is_one() -> None:
    """Lines at 0 and 1: D(x, y) = -x is optimal, and transport moves along -x on average."""
    lines = {"data": schema.ParallelLines(theta=1), "generator": schema.Counterpart(), "critic": LINEAR}
    found = PROBES["interpolates"](view([-1.0, 0.0, 0.0], **lines), schema.Interpolates(samples=400))
    assert found["direction"][0] > 0.99
    wrong = PROBES["interpolates"](view([1.0, 0.0, 0.0], **lines), schema.Interpolates(samples=400))
    assert wrong["direction"][0] == pytest.approx(-found["direction"][0])


def test_potential_of_an_optimal_and_of_a_wrong_critic() -> None:
    lines = {"data": schema.ParallelLines(theta=1), "generator": schema.Counterpart(), "critic": LINEAR}
    spec = schema.Potential(samples=200)
    best, wrong = (PROBES["potential"](view([sign, 0.0, 0.0], **lines), spec) for sign in (-2.0, 2.0))
    assert best["r2"][0] > 0.95
    assert best["duality"][0] == pytest.approx(1, abs=0.01)
    assert best["estimate"][0] == pytest.approx(2, abs=0.01)
    assert wrong["r2"][0] == 0


def test_divergences_of_lines() -> None:
    lines = {"data": schema.ParallelLines(theta=0.5), "generator": schema.Counterpart(), "critic": LINEAR}
    found = PROBES["divergences"](view([-3.0, 0.0, 0.0], **lines), schema.Divergences(samples=400))
    assert found["w1"][0] == pytest.approx(0.5, abs=0.02)
    assert found["js"][0] == pytest.approx(np.log(2))
    assert found["kl"][0] == np.inf
    assert found["disjoint"][0] == 1
    assert found["theta"][0] == pytest.approx(0.5)
    assert found["w_estimate"][0] == pytest.approx(0.5)
    assert found["theta_push"][0] == pytest.approx(3)


def test_a_saturated_discriminator_gives_no_gradient() -> None:
    """A logit of -50 at the fakes, of slope 25: sigmoid(-50) of it is left."""
    gaussians = {"data": schema.TwoGaussians(), "generator": schema.Counterpart(), "loss": "minimax"}
    steep = view([-25.0, 0.0], critic=LINEAR, constraint=schema.Unconstrained(), **gaussians)
    found = PROBES["fake_gradients"](steep, schema.FakeGradients(samples=200))
    assert found["saturated_share"][0] > 0.95
    flat = {**gaussians, "loss": "wasserstein"}
    linear = view([-25.0, 0.0], critic=LINEAR, constraint=schema.Unconstrained(), **flat)
    found = PROBES["fake_gradients"](linear, schema.FakeGradients(samples=200))
    assert found["saturated_share"][0] == 0
    assert found["evenness"][0] == pytest.approx(1)
    assert found["alignment"][0] == pytest.approx(1)
    assert found["norm"][0] == pytest.approx(25)


def test_the_generators_gradient_of_another_loss_than_its_own() -> None:
    """A logit of 2 x + 8: its slope is 2, times the sigmoid of the negative logit for the
    non-saturating loss, of the logit itself for minimax.
    """
    gaussians = {"data": schema.TwoGaussians(), "generator": schema.Counterpart(), "loss": "minimax"}
    seen = view([2.0, 8.0], critic=LINEAR, constraint=schema.Unconstrained(), **gaussians)
    logit = 2 * seen.fake(200, "fake gradients")[0, :, 0] + 8
    slopes = {
        None: 2 * torch.sigmoid(logit),
        "minimax": 2 * torch.sigmoid(logit),
        "non_saturating": 2 * torch.sigmoid(-logit),
        "wasserstein": torch.full_like(logit, 2.0),
        "least_squares": 2 * (logit - 1),
    }
    for loss, slope in slopes.items():
        found = PROBES["fake_gradients"](seen, schema.FakeGradients(samples=200, loss=loss))
        assert found["norm"][0] == pytest.approx(float(slope.square().mean().sqrt()), rel=1e-9)


LINES = {"data": schema.ParallelLines(theta=1), "generator": schema.Counterpart(), "critic": LINEAR}


@pytest.mark.parametrize(
    ("parameters", "accuracy", "js"),
    [([-80.0, 0.0, 40.0], 1, np.log(2)), ([80.0, 0.0, -40.0], 0, np.log(2) - 40), ([0.0, 0.0, 0.0], 0.5, 0)],
)
def test_discrimination_of_lines(parameters: list[float], accuracy: float, js: float) -> None:
    """Real data at x = 0, fakes at 1; a logit of zero counts as fake."""
    found = PROBES["discrimination"](view(parameters, **LINES), schema.Discrimination(samples=50))
    assert found["accuracy"][0] == accuracy
    assert found["js_estimate"][0] == pytest.approx(js)


def test_discrimination_is_told_of_each_half_alike() -> None:
    """Everything is called real: right for the real half only."""
    found = PROBES["discrimination"](view([0.0, 0.0, 3.0], **LINES), schema.Discrimination(samples=50))
    assert found["accuracy"][0] == 0.5


def test_fixed_sources_of_points_are_measured_on_the_same_points() -> None:
    for source in (schema.Counterpart(), schema.NoisyData(), schema.Resampled()):
        data = schema.ParallelLines()
        first, second = (view(seed=seed, data=data, generator=source) for seed in (10, 11))
        assert torch.equal(first.fake(20, "quality"), second.fake(20, "quality"))


def test_quality_knows_collapse_from_the_data() -> None:
    spec = schema.Quality(samples=200, mode_samples=1000)
    point = PROBES["quality"](view(generator=schema.Point()), spec)
    fresh = PROBES["quality"](view(generator=schema.Resampled()), spec)
    assert point["collapse"][0] == pytest.approx(1)
    assert point["covered"][0] <= 1
    assert fresh["covered"][0] == 8
    assert fresh["collapse"][0] < 0.01
    assert fresh["w1"][0] < 0.4 < point["w1"][0]


def test_a_diverged_replica_is_measured_as_nan_and_spoils_no_other() -> None:
    every = schema.Probes(
        quality=schema.Quality(points=1, samples=20, mode_samples=50),
        potential=schema.Potential(points=1, samples=20),
        interpolates=schema.Interpolates(points=1, samples=20),
        fake_gradients=schema.FakeGradients(points=1, samples=20),
        discrimination=schema.Discrimination(points=1, samples=20),
        weight_histogram=schema.WeightHistogram(points=1),
    )
    runs = [run(10, probes=every), run(11, probes=every)]
    cohort = Cohort.of(runs, CPU)
    state = start(cohort)
    state.critic[0] = float("nan")
    state.generator[0] = float("nan")
    measure(cohort, state, bounds(cohort))
    named = ("quality.w1", "fake_gradients.norm", "interpolates.median_norm", "discrimination.accuracy")
    for name in named:
        first, second = state.log.values[name][0]
        assert np.isnan(first)
        assert np.isfinite(second)
