"""Encoded pictures as small squares of pixels."""

import io
import itertools
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from suite.cores import cores
from suite.data.damage import Damaged

_FORMATS = ("JPEG", "PNG", "WEBP")
_LONGEST = 8192
"""Pixels along a side: a small file may claim a picture that fills the memory."""
_AT_ONCE = 256


class Encoded(NamedTuple):
    """A picture's name, for messages, and its file's content."""

    name: str
    content: bytes


def squares(pictures: Iterable[Encoded], side: int) -> Iterator[NDArray[np.uint8]]:
    """Batches of pixels, shape [count, side, side, 3], in order; decoded on all cores."""
    waiting = iter(pictures)
    with ThreadPoolExecutor(cores()) as pool:
        while some := list(itertools.islice(waiting, _AT_ONCE)):
            yield np.stack(list(pool.map(partial(square, side=side), some)))


def square(picture: Encoded, side: int) -> NDArray[np.uint8]:
    """The largest centred square, resized bilinearly with antialiasing; shape [side, side, 3].

    Damaged where the content is no picture in one of the formats.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(picture.content), formats=_FORMATS) as image:
            if max(image.size) > _LONGEST:
                raise Damaged(f"is {image.width} x {image.height} pixels large")  # noqa: TRY301
            edge = min(image.size)
            left, top = (image.width - edge) // 2, (image.height - edge) // 2
            box = (left, top, left + edge, top + edge)
            # Cropped first: a resize of a box would mix in what lies just outside it.
            small = image.convert("RGB").crop(box).resize((side, side), Image.Resampling.BILINEAR)
            return np.asarray(small, dtype=np.uint8)
    except Exception as error:  # What a broken picture raises depends on its format and on what is broken.
        reason = str(error) if isinstance(error, Damaged) else f"is no readable picture ({error})"
        raise Damaged(f"picture {picture.name} {reason}") from None
