"""Disturbances: nothing at level 0, everything at level 1, more with the level."""

from typing import get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from suite.data import images
from suite.data.disturb import How, disturbed
from suite.spec import schema

HOWS = get_args(How)
LEVELS = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
SHAPE = (16, 16, 1)
COLOUR = (8, 8, 3)


def digits(count: int = 200) -> NDArray[np.float32]:
    return images.held_out(schema.Digits(), count, "disturbed")


def at(
    how: How, level: float, x: NDArray[np.float32], shape: tuple[int, int, int] = SHAPE
) -> NDArray[np.float32]:
    return disturbed(x, shape, how, level, np.random.default_rng(3))


def colours(count: int = 500) -> NDArray[np.float32]:
    return np.random.default_rng(0).uniform(-1, 1, (count, 192)).astype(np.float32)


def test_the_schema_names_the_same() -> None:
    assert set(HOWS) == set(get_args(schema.Disturbed.__annotations__["how"]))


@pytest.mark.parametrize("how", HOWS)
def test_level_0_is_the_image_itself(how: How) -> None:
    x = digits(5)
    result = at(how, 0, x)
    np.testing.assert_array_equal(result, x)
    assert result is not x


@pytest.mark.parametrize("how", HOWS)
def test_the_distance_grows_with_the_level(how: How) -> None:
    x = digits()
    distances = [np.linalg.norm(at(how, level, x) - x, axis=1).mean() for level in LEVELS]
    assert distances == sorted(distances)
    assert len(set(distances)) == len(LEVELS)


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("level", LEVELS)
def test_results_are_images_of_the_same_form(how: How, level: float) -> None:
    x = colours(7)
    before = x.copy()
    result = at(how, level, x, COLOUR)
    assert result.shape == x.shape
    assert result.dtype == np.float32
    assert np.abs(result).max() <= 1
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(result, at(how, level, x, COLOUR))


@pytest.mark.parametrize("how", ["noise", "salt_and_pepper", "occlusion"])
def test_level_1_leaves_nothing(how: How) -> None:
    np.testing.assert_array_equal(at(how, 1, colours(), COLOUR), at(how, 1, -colours(), COLOUR))


def test_a_blur_of_level_1_leaves_little() -> None:
    x = colours()
    left = at("blur", 1, x, COLOUR).reshape(-1, 64, 3).std(axis=1).mean()
    assert left < 0.15 * x.reshape(-1, 64, 3).std(axis=1).mean()


def test_noise_is_mixed_in() -> None:
    result = at("noise", 0.25, np.zeros((100, 192), np.float32), COLOUR)
    assert result.std() == pytest.approx(0.25, rel=0.02)


def test_a_blur_keeps_a_flat_picture_and_each_channel_apart() -> None:
    x = np.zeros((1, 8, 8, 3), np.float32) + np.array([-0.5, 0, 0.5], np.float32)
    np.testing.assert_allclose(at("blur", 0.3, x.reshape(1, -1), COLOUR), x.reshape(1, -1), atol=1e-6)


def test_salt_and_pepper_replaces_its_share_of_pixels_in_all_channels() -> None:
    x = np.zeros((500, 192), np.float32)
    pixels = at("salt_and_pepper", 0.3, x, COLOUR).reshape(-1, 3)
    changed = (pixels != 0).any(axis=1)
    assert changed.mean() == pytest.approx(0.3, abs=5 * (0.21 / len(pixels)) ** 0.5)
    assert {tuple(pixel) for pixel in pixels[changed].tolist()} == {(1, 1, 1), (-1, -1, -1)}
    assert pixels[changed].mean() == pytest.approx(0, abs=0.06)


def test_occlusion_covers_its_share_with_one_rectangle() -> None:
    result = at("occlusion", 0.25, np.ones((500, 192), np.float32), COLOUR).reshape(-1, 8, 8, 3)
    covered = (result == 0).all(axis=3)
    assert set(covered.sum(axis=(1, 2))) == {16}
    assert {tuple(sorted(set(picture.sum(axis=0)))) for picture in covered} == {(0, 4)}
    places = {(int(picture.any(axis=1).argmax()), int(picture.any(axis=0).argmax())) for picture in covered}
    assert places == {(row, column) for row in range(5) for column in range(5)}
