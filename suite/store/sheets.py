"""Pictures of a fixed batch of noise through training, as a film on disk: one frame above another."""

import io
import math

import numpy as np
from numpy.typing import NDArray

NAME = "sheet.png"
"""Of the film in a run's folder."""
PADDING = 1
"""White pixels around each image."""
WHITE = 255


def sheet_png(images: NDArray[np.generic], shape: tuple[int, int, int]) -> bytes:
    """A PNG of ``images`` [points, samples, height * width * channels], channels last, whole numbers
    in 0..255.

    ``shape`` is (height, width, channels), of one channel or three. Frames stand in the order of
    the points and are equally high: the picture's height over the number of points. The same
    images give the same bytes. Raises ValueError where there is no frame or the shape is another.
    """
    from PIL import Image

    if len(images) == 0:
        raise ValueError("no frames to make a film of")
    film = np.concatenate([_frame(each, shape) for each in images])
    buffer = io.BytesIO()
    Image.fromarray(film).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def columns(samples: int) -> int:
    """How many images stand side by side, so that a frame is about twice as wide as high."""
    rows = max(round(math.sqrt(samples / 2)), 1)
    return -(-samples // rows)


def _frame(images: NDArray[np.generic], shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """The images [samples, dimension] in rows, shape [height, width] or [height, width, 3]."""
    import torch
    from torchvision.utils import make_grid

    batch = torch.from_numpy(images.reshape(-1, *shape).astype(np.uint8)).permute(0, 3, 1, 2)
    nrow = columns(len(images))
    grid = make_grid(batch, nrow=nrow, padding=PADDING, pad_value=WHITE)
    frame: NDArray[np.uint8] = grid.permute(1, 2, 0).contiguous().numpy()
    return frame[:, :, 0] if shape[2] == 1 else frame
