"""Series of numbers that a run leaves behind."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


class Series(NamedTuple):
    """One quantity of one run: ``values`` [points, ...] at ``iterations`` [points]."""

    iterations: NDArray[np.int64]
    values: Values


def until(series: Series, step: int | None) -> Series:
    """The part of a series before ``step``, all of it where that is None."""
    if step is None:
        return series
    kept = series.iterations < step
    return Series(series.iterations[kept], series.values[kept])
