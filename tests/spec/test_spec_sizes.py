"""Sizes by kind, and that asking for them is cheap."""

import subprocess
import sys
from typing import get_args

import numpy as np
import pytest

from suite.data import toy
from suite.spec import schema, sizes
from suite.store.version import ROOT

TOYS = [kind() for kind in get_args(schema.ToyData)]
IMAGES = [kind() for kind in sizes.IMAGE_KINDS]
SHAPES = {
    "digits": (16, 16, 1),
    "mnist": (32, 32, 1),
    "fashion_mnist": (32, 32, 1),
    "cifar10": (32, 32, 3),
    "lsun_bedrooms": (64, 64, 3),
    "celeba": (64, 64, 3),
    "imagenet32": (32, 32, 3),
}


@pytest.mark.parametrize("data", TOYS, ids=sizes.kind)
def test_toys_are_no_images_and_have_the_dimension_of_their_points(data: schema.Data) -> None:
    assert not sizes.is_image(data)
    assert sizes.dimension(data) == toy.sample(data, np.random.default_rng(0), 3).shape[1]
    assert sizes.classes(data) == 0


def test_every_kind_of_image_has_a_shape() -> None:
    assert {sizes.kind(data): sizes.image_shape(data) for data in IMAGES} == SHAPES
    assert all(sizes.is_image(data) and sizes.of_kind(sizes.kind(data)) == data for data in IMAGES)
    assert [sizes.dimension(data) for data in IMAGES] == [256, 1024, 1024, 3072, 12288, 12288, 3072]


def test_labelled_sets_have_ten_classes() -> None:
    assert {sizes.kind(data) for data in IMAGES if sizes.classes(data) == 10} == {
        "digits",
        "mnist",
        "fashion_mnist",
        "cifar10",
    }


def test_nothing_heavy_is_imported() -> None:
    code = (
        "import sys; import suite.spec.sizes, suite.data.catalogue, suite.commands.data; "
        "heavy = {'torch', 'torchvision', 'sklearn', 'scipy', 'PIL', 'pandas'}; "
        "print(*heavy & {name.split('.')[0] for name in sys.modules})"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == ""
