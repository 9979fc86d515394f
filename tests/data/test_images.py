"""What is drawn from image sets: ranges, splits, subsets, noise."""

import numpy as np
import pytest
from numpy.typing import NDArray

from suite.data import digits, images
from suite.data.catalogue import DEFAULT, VARIABLE
from suite.errors import UserError
from suite.spec import schema

DIGITS = schema.Digits()


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def rows(values: NDArray[np.generic]) -> set[bytes]:
    return {row.tobytes() for row in values.reshape(len(values), -1)}


def test_the_digits_split_is_disjoint_and_complete() -> None:
    from sklearn.datasets import load_digits

    whole, source = images.load(DIGITS), load_digits()
    assert whole.train.shape == (1197, 16, 16, 1)
    assert whole.held_out.shape == (600, 16, 16, 1)
    # Digits are all different, before and after the enlargement.
    assert len(rows(source.images)) == 1797
    assert len(rows(whole.train)) == 1197
    assert len(rows(whole.held_out)) == 600
    assert not rows(whole.train) & rows(whole.held_out)
    labels = np.concatenate([whole.train_labels, whole.held_out_labels])
    np.testing.assert_array_equal(np.bincount(labels), np.bincount(source.target))


def test_digits_keep_their_labels() -> None:
    """The mean of four neighbours is the weighted mean that leads back to the old image."""
    from sklearn.datasets import load_digits

    source = load_digits()
    old = {
        row.tobytes(): int(label)
        for row, label in zip(enlarged_by_hand(source.images), source.target, strict=True)
    }
    whole = images.load(DIGITS)
    every = np.concatenate([whole.train, whole.held_out])[..., 0]
    labels = np.concatenate([whole.train_labels, whole.held_out_labels])
    assert [old[image.tobytes()] for image in every] == labels.tolist()


def enlarged_by_hand(pictures: NDArray[np.float64]) -> NDArray[np.uint8]:
    """PyTorch's bilinear interpolation."""
    import torch
    from torch.nn.functional import interpolate

    large = interpolate(torch.from_numpy(pictures / 16)[:, None], scale_factor=2, mode="bilinear")
    return np.rint(255 * large[:, 0].numpy()).astype(np.uint8)


def test_enlarging_a_ramp_by_hand() -> None:
    ramp = np.array([[[0.0, 1.0], [0.0, 1.0]]])
    np.testing.assert_array_equal(digits.enlarged(ramp)[0], [[0, 64, 191, 255]] * 4)


def test_samples_are_training_images_between_minus_one_and_one() -> None:
    drawn = images.sample(DIGITS, rng(), 3000)
    assert drawn.shape == (3000, 256)
    assert drawn.dtype == np.float32
    assert drawn.min() == -1
    assert drawn.max() == 1
    whole = images.load(DIGITS).train.reshape(1197, -1)
    back = np.rint((drawn.astype(np.float64) + 1) * 127.5)
    np.testing.assert_allclose(drawn, back / 127.5 - 1, atol=1e-6)
    assert rows(back.astype(np.uint8)) <= rows(whole)
    assert len(rows(drawn)) > 1000  # with replacement: about 1197 (1 - exp(-3000/1197)) = 1099 of them


def test_the_generator_decides_the_samples() -> None:
    for data in (DIGITS, schema.Digits(dequantize=True)):
        np.testing.assert_array_equal(images.sample(data, rng(), 9), images.sample(data, rng(), 9))
        assert not np.array_equal(images.sample(data, rng(), 9), images.sample(data, rng(1), 9))


def test_channels_of_a_pixel_lie_side_by_side() -> None:
    pixels = np.arange(2 * 2 * 3, dtype=np.uint8).reshape(1, 2, 2, 3)
    expected = np.arange(12) / 127.5 - 1
    np.testing.assert_allclose(images.flat(pixels)[0], expected, atol=1e-6)


def test_dequantising_adds_one_grey_level_of_noise() -> None:
    """gan_cifar_resnet.py: 2 (b / 256 - 1/2) + U(0, 1/128)."""
    pixels = np.repeat(np.arange(256, dtype=np.uint8), 16).reshape(1, 64, 64, 1)
    drawn = images.drawn(pixels, rng(), 50, dequantize=True)
    noise = 128 * (drawn - (pixels.reshape(1, -1) / 128 - 1))
    assert -1e-4 < noise.min() < 0.001
    assert 0.999 < noise.max() < 1 + 1e-4
    assert noise.mean() == pytest.approx(0.5, abs=5 / (12 * noise.size) ** 0.5)
    assert drawn.min() >= -1
    assert drawn.max() <= 1
    assert drawn.dtype == np.float32


def test_a_limit_keeps_a_part_of_the_training_images() -> None:
    whole = images.load(DIGITS)
    small, smaller = (images.load(schema.Digits(limit=limit)) for limit in (100, 40))
    assert small.train.shape == (100, 16, 16, 1)
    assert rows(smaller.train) < rows(small.train) < rows(whole.train)
    known = {image.tobytes(): label for image, label in zip(whole.train, whole.train_labels, strict=True)}
    assert [known[image.tobytes()] for image in small.train] == small.train_labels.tolist()
    np.testing.assert_array_equal(small.held_out, whole.held_out)
    drawn = images.sample(schema.Digits(limit=5), rng(), 200)
    assert len(rows(drawn)) == 5


def test_the_largest_limit_is_all_and_beyond_it_is_a_mistake() -> None:
    whole = images.load(DIGITS)
    np.testing.assert_array_equal(images.load(schema.Digits(limit=1197)).train, whole.train)
    with pytest.raises(
        UserError, match=r"data\.limit: 1198 is more than the 1197 training images of digits\n    "
    ):
        images.load(schema.Digits(limit=1198))


def test_held_out_images_are_fixed_by_their_purpose() -> None:
    first = images.held_out(DIGITS, 300, "quality")
    np.testing.assert_array_equal(first, images.held_out(schema.Digits(limit=3), 300, "quality"))
    assert not np.array_equal(first, images.held_out(DIGITS, 300, "sheet"))
    assert len(rows(first)) == 300
    assert rows(first) <= rows(images.flat(images.load(DIGITS).held_out))
    np.testing.assert_array_equal(first[:100], images.held_out(DIGITS, 100, "quality"))


def test_more_held_out_images_than_there_are_repeat() -> None:
    many = images.held_out(DIGITS, 2000, "quality")
    assert many.shape == (2000, 256)
    assert rows(many) <= rows(images.flat(images.load(DIGITS).held_out))


def test_held_out_images_have_no_noise() -> None:
    data = schema.Digits(dequantize=True)
    np.testing.assert_array_equal(images.held_out(data, 50, "x"), images.held_out(DIGITS, 50, "x"))


def test_labelled_images_ignore_the_limit() -> None:
    labelled = images.labelled(schema.Digits(limit=7))
    assert labelled.train.shape == (1197, 256)
    assert labelled.held_out.shape == (600, 256)
    np.testing.assert_array_equal(labelled.train, images.flat(images.load(DIGITS).train))
    np.testing.assert_array_equal(labelled.train_labels, images.load(DIGITS).train_labels)


def test_one_image_of_each_class() -> None:
    whole = images.load(DIGITS)
    for label, image in enumerate(images.one_each(DIGITS)):
        first = whole.held_out_labels.tolist().index(label)
        np.testing.assert_array_equal(image, images.flat(whole.held_out)[first])


@pytest.mark.parametrize("function", [images.labelled, images.one_each])
def test_sets_without_labels_have_no_classes(function: object) -> None:
    assert callable(function)
    with pytest.raises(ValueError, match="celeba has no labels"):
        function(schema.CelebA())


def test_the_data_folder_is_beside_the_program_unless_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    from suite.data.catalogue import root

    monkeypatch.delenv(VARIABLE, raising=False)
    assert root() == DEFAULT
    assert (DEFAULT.parent / "run_suite.py").is_file()
    monkeypatch.setenv(VARIABLE, "elsewhere")
    assert root().is_absolute()
    assert root().name == "elsewhere"
