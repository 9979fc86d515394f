"""What BigGAN adds to training: a running mean, orthogonal regularisation, R1, and truncation measured."""

import numpy as np
import pytest
import torch

from suite.data import images
from suite.metrics.truncation import MEANINGS, READ, THRESHOLDS
from suite.networks import blocks
from suite.networks.image import ImageNetwork
from suite.objectives.orthogonal import orthogonal_gradient
from suite.spec import schema
from suite.training.averaging import follow
from suite.training.bounds import bounds
from suite.training.cohort import Cohort
from suite.training.draws import critic_draws, generator_draws, steps_of
from suite.training.loop import critic_step, generator_step, regularized
from suite.training.probes import PROBES
from suite.training.state import State, part, restore, start
from suite.training.truncation_probe import amenable
from suite.training.view import View
from tests.objectives.means import loss
from tests.training.settings import CPU, image_run

GAN = {"loss": "non_saturating", "constraint": schema.Unconstrained()}
BIGGAN = {
    **GAN,
    "generator": schema.BigGANGenerator(width=1, latent=6, shared=4),
    "critic": schema.BigGANCritic(width=1),
}


def begun(**changes: object) -> tuple[Cohort, State]:
    cohort = Cohort.of([image_run(seed, **{**GAN, **changes}) for seed in (10, 11)], CPU)
    return cohort, start(cohort)


# --- The running mean -----------------------------------------------------------------------------


def test_the_mean_follows_the_generator() -> None:
    """From a to b: after one step 0.75 a + 0.25 b, after the next 0.5625 a + 0.4375 b."""
    cohort, state = begun(average=schema.Averaging(decay=0.75))
    first = state.generator.clone()
    state.generator.add_(1.0)
    for gone in (0.25, 0.4375):
        follow(cohort, state)
        torch.testing.assert_close(state.average, first + gone)


def test_until_its_start_the_mean_is_the_generator() -> None:
    cohort, state = begun(average=schema.Averaging(decay=0.75, start=2))
    for iteration in range(3):
        state.iteration = iteration
        state.generator.add_(1.0)
        follow(cohort, state)
        assert torch.equal(state.looked_at, state.generator) == (iteration < 2)


def test_vectors_of_spectral_normalisation_stay_of_length_one() -> None:
    cohort, state = begun(average=schema.Averaging(decay=0.5), **BIGGAN)
    for draws in steps_of(generator_draws(cohort, 0)):
        generator_step(cohort, state, draws)
    network = cohort.generator.network
    assert isinstance(network, ImageNetwork)
    assert state.average is not None
    roles = [parameter.role for parameter in blocks.tensors(network.blocks)]
    tensors = network.split(state.average)
    vectors = [tensor for tensor, role in zip(tensors, roles, strict=True) if role == "vector"]
    lengths = torch.stack([vector.square().sum((1, 2)).sqrt() for vector in vectors])
    torch.testing.assert_close(lengths, torch.ones_like(lengths))


def test_images_are_those_of_the_mean() -> None:
    cohort, state = begun(average=schema.Averaging())
    before = View(cohort, state, bounds(cohort)).fake(5, "test")
    state.generator.mul_(2.0)
    assert torch.equal(View(cohort, state, bounds(cohort)).fake(5, "test"), before)
    assert state.average is not None
    state.average.mul_(2.0)
    assert not torch.equal(View(cohort, state, bounds(cohort)).fake(5, "test"), before)


def test_a_checkpoint_holds_the_mean() -> None:
    cohort, state = begun(average=schema.Averaging())
    assert state.average is not None
    state.average.add_(1.0)
    found = restore(cohort, [part(state, replica) for replica in range(2)])
    assert found.average is not None
    assert torch.equal(found.average, state.average)
    assert not torch.equal(found.average, found.generator)


# --- Standing statistics --------------------------------------------------------------------------


def test_with_standing_statistics_an_image_is_alone() -> None:
    cohort, state = begun(standing=3)
    view = View(cohort, state, bounds(cohort))
    few, many = view.fake(2, "test"), view.fake(6, "test")
    torch.testing.assert_close(many[:, :2], few)
    batch = View(*begun(), bounds(cohort))
    assert not torch.allclose(batch.fake(6, "test")[:, :2], batch.fake(2, "test"))


# --- Orthogonal regularisation and R1 -------------------------------------------------------------


def test_orthogonal_regularisation_adds_its_gradient_to_the_generators() -> None:
    cohort, state = begun(orthogonal=schema.Orthogonal(weight=0.1))
    network, flat = cohort.generator.network, state.generator
    assert isinstance(network, ImageNetwork)
    spec, expected = schema.Orthogonal(weight=0.1), torch.zeros_like(flat)
    for place, weight in zip(network.weights(expected), network.weights(flat), strict=True):
        place.copy_(orthogonal_gradient(weight, spec))
    found = regularized(cohort, state, torch.ones_like(flat))
    torch.testing.assert_close(found, 1 + expected)
    assert expected.any()


def test_without_it_the_gradient_is_the_same_tensor() -> None:
    cohort, state = begun()
    assert regularized(cohort, state, state.generator) is state.generator


def test_r1_is_of_real_data_alone() -> None:
    """A linear critic w: its gradient is w everywhere, R1's value 3 / 2 |w|^2 and its gradient 3 w."""
    critic = schema.MLPCritic(layers=1, width=1)
    cohort, state = begun(critic=critic, loss="wasserstein", constraint=schema.R1(weight=3.0))
    draws, weight = next(steps_of(critic_draws(cohort, 0))), state.critic[:, :-1].clone()
    first = state.critic.clone()
    with_it = critic_step(cohort, state, bounds(cohort), draws).gradient
    state.critic.copy_(first)
    without = critic_step(cohort, state, None, draws).gradient
    torch.testing.assert_close((with_it.flat - without.flat)[:, :-1], 3 * weight, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(loss(with_it) - loss(without), 1.5 * weight.square().sum(1))


def test_r1_looks_where_the_data_are() -> None:
    cohort, _ = begun(constraint=schema.R1(weight=4.0))
    limits = bounds(cohort)
    assert (limits.centre, limits.weight.tolist()) == (0.0, [[2.0], [2.0]])


# --- Truncation -----------------------------------------------------------------------------------


@pytest.mark.parametrize("standing", [0, 2])
def test_curves_are_by_meaning_and_threshold(standing: int) -> None:
    cohort, state = begun(**BIGGAN, standing=standing)
    found = PROBES["truncation"](View(cohort, state, bounds(cohort)), schema.Truncation(samples=20))
    assert found["curves"].shape == (2, len(MEANINGS), len(THRESHOLDS), len(READ))
    distance = found["curves"][:, MEANINGS.index("resample"), :, READ.index("frechet")]
    np.testing.assert_allclose(found["rise"], distance[:, -1] / distance.min(1))
    assert set(found["best"]) <= set(THRESHOLDS)


def test_saturated_pixels_are_counted() -> None:
    """Of one generator whose pixels are near 0, and of one whose pixels are all above 1 without noise."""
    cohort, state = begun(generator=schema.MLPGenerator(layers=1, width=1, latent=4))
    tensors = cohort.generator.split(state.generator)
    tensors[0][0] *= 0.01
    tensors[1][0], tensors[1][1] = 0.0, 1.2
    found = PROBES["truncation"](View(cohort, state, bounds(cohort)), schema.Truncation(samples=100))
    saturated = found["curves"][:, MEANINGS.index("resample"), :, READ.index("saturated")]
    assert saturated[0].tolist() == [0] * len(THRESHOLDS)
    assert saturated[1, -1] == 1
    half = saturated[1, THRESHOLDS.index(0.5)]
    assert found["saturation"][1] == pytest.approx(half / found["without"][1, READ.index("saturated")])


@pytest.mark.parametrize(
    ("full", "precision", "expected"), [(0.3, 0.0, 1), (0.31, 0.0, 0), (0.1, -0.04, 1), (0.1, -0.06, 0)]
)
def test_a_generator_is_amenable_where_images_are_neither_saturated_nor_less_precise(
    full: float, precision: float, expected: float
) -> None:
    found = amenable(np.array([full, np.nan]), np.array([0.2, 0.2]), np.array([precision, precision]))
    np.testing.assert_array_equal(found, [expected, np.nan])


def test_less_noise_varies_less() -> None:
    """Of a generator of one linear layer, whose images spread as the noise does."""
    generator = schema.MLPGenerator(layers=1, width=1, latent=4)
    cohort, state = begun(generator=generator)
    found = PROBES["truncation"](View(cohort, state, bounds(cohort)), schema.Truncation(samples=100))
    assert (found["diversity_left"] < 0.8).all()
    assert (found["clamp_varies"] > 1.05).all()
    assert (found["scale_varies"] > 1.05).all()


def test_a_diverged_run_has_no_curve() -> None:
    cohort, state = begun()
    state.generator[0] = torch.nan
    found = PROBES["truncation"](View(cohort, state, bounds(cohort)), schema.Truncation(samples=20))
    assert np.isnan(found["best"]).tolist() == [True, False]
    assert np.isnan(found["score_trend"]).tolist() == [True, False]


# --- Memorisation ---------------------------------------------------------------------------------


def test_a_critic_that_knows_one_image_takes_the_others_for_fakes() -> None:
    """Trained on a single image x: w = x, and a bias just below |x|^2, which no other image reaches."""
    data = schema.Digits(limit=1)
    cohort, state = begun(data=data, critic=schema.MLPCritic(layers=1, width=1))
    image = torch.from_numpy(images.flat(images.load(data).train))[0]
    image = image.sign()
    state.critic[:] = torch.cat([image, torch.tensor([-0.0])])
    on = View(cohort, state, bounds(cohort))
    scores = on.scores(on.train(3, "memorisation"))
    assert (scores > 0).all()
    state.critic[:, -1] = -0.95 * float(scores.min())
    found = PROBES["memorisation"](View(cohort, state, bounds(cohort)), schema.Memorisation(samples=100))
    assert found["train"].tolist() == [1, 1]
    assert (found["held_out"] < 0.5).all()
    np.testing.assert_allclose(found["gap"], found["train"] - found["held_out"])


# --- Singular values ------------------------------------------------------------------------------


def test_a_known_singular_value_is_found() -> None:
    """A weight with two entries, 15 and 4, in rows and columns of their own."""
    cohort, state = begun(**BIGGAN)
    critic = cohort.critic
    assert isinstance(critic, ImageNetwork)
    state.critic.zero_()
    weight = critic.weights(state.critic)[2]
    weight[:, 0, 0], weight[:, 1, 1] = 15.0, 4.0
    found = PROBES["spectrum"](View(cohort, state, bounds(cohort)), schema.Spectrum())
    assert found["critic"].tolist() == [15, 15]
    assert found["critic_layers"][0, 2].tolist() == [15, 4, 0]
    assert found["critic_layers"].shape == (2, len(critic.weights(state.critic)), 3)


def test_an_orthogonal_start_has_singular_values_of_one() -> None:
    cohort, state = begun(**BIGGAN)
    found = PROBES["spectrum"](View(cohort, state, bounds(cohort)), schema.Spectrum())
    np.testing.assert_allclose(found["generator_layers"][..., 0], 1, rtol=1e-5)
    np.testing.assert_allclose(found["critic_layers"][..., 0], 1, rtol=1e-5)
