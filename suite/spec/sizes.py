"""Shapes of the data, from their kinds alone: nothing is read, nothing heavy imported."""

from collections.abc import Callable
from typing import TypeGuard, get_args

import msgspec

from suite.spec import schema
from suite.spec.packs.code import declared_data, declared_images

IMAGE_KINDS: tuple[Callable[[], schema.ImageData], ...] = tuple(
    kind for kind in get_args(schema.ImageData) if kind is not schema.PackImages
)
"""The suite's own."""
GRAMMAR_CHARACTERS = 13
AT_ONCE = 500
"""Images that probes show networks at once, so that memory does not grow with their samples; where one
depends on others of its batch, these are the batches.
"""
_LABELLED = (schema.Digits, schema.MNIST, schema.FashionMNIST, schema.CIFAR10)


def is_image(data: schema.Data) -> TypeGuard[schema.ImageData]:
    """Whether the data are images."""
    return isinstance(data, schema.Images)


def is_text(data: schema.Data) -> TypeGuard[schema.TextData]:
    """Whether the data are lines of text."""
    return isinstance(data, schema.Grammar | schema.BillionWord)


def line_shape(data: schema.TextData) -> tuple[int, int]:
    """Places of a line, and how many characters there are to choose from."""
    match data:
        case schema.Grammar():
            return data.length, GRAMMAR_CHARACTERS
        case schema.BillionWord():
            return data.length, data.vocabulary + 1


def kind(data: schema.Data) -> str:
    """The data's ``kind`` in an experiment file; of images that a pack brings, what the file calls these."""
    return data.use if isinstance(data, schema.PackImages) else str(data.__struct_config__.tag)


def of_kind(name: str) -> schema.ImageData:
    """The suite's images of that ``kind``, with nothing else set; KeyError where there are none."""
    return {kind(images): images for images in (one() for one in IMAGE_KINDS)}[name]


def image_shape(data: schema.ImageData) -> tuple[int, int, int]:
    """Height, width and channels of an image."""
    match data:
        case schema.Digits():
            return 16, 16, 1
        case schema.MNIST() | schema.FashionMNIST():
            return 32, 32, 1
        case schema.CIFAR10() | schema.ImageNet32():
            return 32, 32, 3
        case schema.LSUNBedrooms() | schema.CelebA():
            return 64, 64, 3
        case schema.PackImages():
            return declared_images(data.use).shape


def plain(data: schema.ImageData) -> schema.ImageData:
    """The same images, all of them and as they are."""
    return msgspec.structs.replace(data, limit=None, dequantize=False)


def dimension(data: schema.Data) -> int:
    """Number of coordinates of a point, or of values of an image."""
    if is_image(data):
        height, width, channels = image_shape(data)
        return height * width * channels
    if is_text(data):
        length, characters = line_shape(data)
        return length * characters
    if isinstance(data, schema.PackData):
        return declared_data(data.use).dimension
    return 1 if isinstance(data, schema.TwoGaussians) else 2


def classes(data: schema.Data) -> int:
    """Number of classes of a labelled data set; 0 where there are no labels that the suite uses."""
    if isinstance(data, schema.PackImages):
        return declared_images(data.use).classes
    return 10 if isinstance(data, _LABELLED) else 0


def told(setting: schema.Setting) -> int:
    """Number of classes that the networks of a setting are told or guess; 0 where labels play no part."""
    specs = (setting.generator, setting.critic)
    return classes(setting.data) if any(getattr(s, "labels", "none") != "none" for s in specs) else 0
