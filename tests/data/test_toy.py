"""Toy distributions: their moments by hand, and the scales of the released gan_toy.py."""

import numpy as np
import pytest
from numpy.typing import NDArray

from suite.data import toy
from suite.spec import schema, sizes

COUNT = 40_000
EVERY = [
    schema.SwissRoll(),
    schema.EightGaussians(),
    schema.TwentyFiveGaussians(),
    schema.TwoGaussians(),
    schema.ParallelLines(),
]


def drawn(data: schema.Data, count: int = COUNT) -> NDArray[np.float64]:
    return toy.sample(data, np.random.default_rng(1), count).astype(np.float64)


def apart(data: schema.Data, count: int = COUNT) -> NDArray[np.float64]:
    return toy.counterpart(data, np.random.default_rng(1), count).astype(np.float64)


@pytest.mark.parametrize("data", EVERY, ids=lambda data: type(data).__name__)
def test_shapes_and_types(data: schema.Data) -> None:
    points = toy.sample(data, np.random.default_rng(0), 7)
    assert points.shape == (7, sizes.dimension(data))
    assert points.dtype == np.float32
    assert np.isfinite(points).all()


@pytest.mark.parametrize("data", EVERY, ids=lambda data: type(data).__name__)
def test_the_generator_decides_the_points(data: schema.Data) -> None:
    np.testing.assert_array_equal(drawn(data, 9), drawn(data, 9))
    rng = np.random.default_rng(1)
    assert not np.array_equal(toy.sample(data, rng, 9), toy.sample(data, rng, 9))


def test_the_swiss_roll_lies_on_its_spiral() -> None:
    """scikit-learn's roll is (t cos t, t sin t), t uniform in [1.5 pi, 4.5 pi]; gan_toy.py divides by 7.5."""
    points = 7.5 * drawn(schema.SwissRoll(noise=0.0))
    t = np.hypot(points[:, 0], points[:, 1])
    np.testing.assert_allclose(points, np.stack([t * np.cos(t), t * np.sin(t)], axis=1), atol=1e-4)
    assert t.min() > 1.5 * np.pi - 1e-4
    assert t.max() < 4.5 * np.pi + 1e-4
    # Of a uniform t: the mean is 3 pi, the variance (3 pi)^2 / 12.
    assert t.mean() == pytest.approx(3 * np.pi, abs=5 * 3 * np.pi / (12 * COUNT) ** 0.5)


def test_the_noise_of_the_swiss_roll_is_added_before_the_division() -> None:
    plain, noisy = drawn(schema.SwissRoll(noise=0.0)), drawn(schema.SwissRoll(noise=0.25))
    assert (noisy - plain).std() * 7.5 == pytest.approx(0.25, rel=0.02)


def test_eight_modes_stand_on_a_circle() -> None:
    mixture = toy.modes(schema.EightGaussians())
    np.testing.assert_allclose(np.hypot(*mixture.centres.T), 2 / 1.414)
    angles = np.sort(np.arctan2(mixture.centres[:, 1], mixture.centres[:, 0]))
    np.testing.assert_allclose(np.diff(angles), np.pi / 4)
    assert mixture.deviation == pytest.approx(0.02 / 1.414)


def test_twenty_five_modes_stand_on_a_grid() -> None:
    mixture = toy.modes(schema.TwentyFiveGaussians())
    assert len({tuple(c) for c in mixture.centres}) == 25
    for axis in mixture.centres.T:
        np.testing.assert_allclose(np.unique(axis) * 2.828, [-4, -2, 0, 2, 4])
    assert mixture.deviation == pytest.approx(0.05 / 2.828)


@pytest.mark.parametrize("data", [schema.EightGaussians(), schema.TwentyFiveGaussians()])
def test_samples_of_a_mixture_are_even_and_of_its_deviation(data: schema.Data) -> None:
    assert toy.has_modes(data)
    mixture, points = toy.modes(data), drawn(data)
    distances = np.linalg.norm(points[:, None] - mixture.centres, axis=2)
    nearest = distances.argmin(axis=1)
    counts = np.bincount(nearest, minlength=len(mixture.centres))
    share = 1 / len(mixture.centres)
    assert np.abs(counts - COUNT * share).max() < 5 * (COUNT * share) ** 0.5
    assert (points - mixture.centres[nearest]).std() == pytest.approx(mixture.deviation, rel=0.02)
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=0.05)


@pytest.mark.parametrize("data", [schema.SwissRoll(), schema.TwoGaussians(), schema.ParallelLines()])
def test_others_have_no_modes(data: schema.Data) -> None:
    assert not toy.has_modes(data)
    with pytest.raises(ValueError, match="has no modes"):
        toy.modes(data)


def test_deviations_are_those_asked_for() -> None:
    assert toy.modes(schema.EightGaussians(deviation=0.5)).deviation == pytest.approx(0.5 / 1.414)
    assert toy.modes(schema.TwentyFiveGaussians(deviation=0.5)).deviation == pytest.approx(0.5 / 2.828)


def test_two_gaussians_are_mirrored() -> None:
    data = schema.TwoGaussians(mean=3.0, deviation=0.5)
    for points, mean in ((drawn(data), -3.0), (apart(data), 3.0)):
        assert points.shape == (COUNT, 1)
        assert points.mean() == pytest.approx(mean, abs=5 * 0.5 / COUNT**0.5)
        assert points.std() == pytest.approx(0.5, rel=0.02)


def test_parallel_lines_are_theta_apart() -> None:
    data = schema.ParallelLines(theta=-0.75)
    for points, place in ((drawn(data), 0.0), (apart(data), -0.75)):
        assert set(points[:, 0]) == {place}
        assert 0 <= points[:, 1].min() < 0.001
        assert 0.999 < points[:, 1].max() < 1
        assert points[:, 1].mean() == pytest.approx(0.5, abs=5 / (12 * COUNT) ** 0.5)


@pytest.mark.parametrize("data", [schema.SwissRoll(), schema.EightGaussians(), schema.TwentyFiveGaussians()])
def test_others_have_no_counterpart(data: schema.Data) -> None:
    with pytest.raises(ValueError, match="has no counterpart"):
        toy.counterpart(data, np.random.default_rng(0), 1)
