"""Films of generated images, pixel by pixel."""

import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from suite.store.sheets import columns, sheet_png


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


def test_frames_stand_one_above_another_with_white_around_each_image() -> None:
    images = np.array([[[1, 2], [3, 4]], [[5, 6], [7, 8]]], np.uint8)
    assert pixels(sheet_png(images, (1, 2, 1))).tolist() == [
        [255, 255, 255, 255, 255, 255, 255],
        [255, 1, 2, 255, 3, 4, 255],
        [255, 255, 255, 255, 255, 255, 255],
        [255, 255, 255, 255, 255, 255, 255],
        [255, 5, 6, 255, 7, 8, 255],
        [255, 255, 255, 255, 255, 255, 255],
    ]


def test_colours_are_the_last_of_an_images_axes() -> None:
    images = np.arange(2 * 12, dtype=np.uint8).reshape(1, 2, 12)
    film = pixels(sheet_png(images, (2, 2, 3)))
    assert film.shape == (4, 7, 3)
    assert (film[1:3, 1:3] == images[0, 0].reshape(2, 2, 3)).all()
    assert (film[1:3, 4:6] == images[0, 1].reshape(2, 2, 3)).all()


def test_a_frame_is_about_twice_as_wide_as_high() -> None:
    assert [columns(samples) for samples in (1, 2, 8, 32, 64)] == [1, 2, 4, 8, 11]
    assert pixels(sheet_png(np.zeros((11, 32, 256), np.uint8), (16, 16, 1))).shape == (11 * 69, 137)


def test_the_same_images_give_the_same_bytes() -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 8, 16), np.uint8)
    assert sheet_png(images, (4, 4, 1)) == sheet_png(images.copy(), (4, 4, 1))


@pytest.mark.parametrize("shape", [(0, 2, 4), (1, 2, 5)])
def test_what_makes_no_film_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"frames|reshape"):
        sheet_png(np.zeros(shape, np.uint8), (2, 2, 1))


def test_naming_the_file_imports_no_torch() -> None:
    code = "import sys, suite.store.sheets; print({'torch', 'torchvision', 'PIL'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
