"""Points of distributions that packs bring."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from suite.errors import UserError
from suite.spec.packs.code import made
from suite.spec.schema import PackData
from suite.spec.sizes import dimension


class Source(Protocol):
    """What a pack's data have to have."""

    def sample(self, rng: np.random.Generator, count: int) -> NDArray[np.floating]:
        """``count`` points, shape [count, dimension]; all that is random comes from ``rng``."""
        ...


def sample(data: PackData, rng: np.random.Generator, count: int) -> NDArray[np.float32]:
    """``count`` points, shape [count, dimension]. UserError where the pack gives something else."""
    source: Source = made("data", data.use, data.options)
    points = np.asarray(source.sample(rng, count), dtype=np.float32)
    if points.shape != (count, dimension(data)):
        raise UserError(
            f"data set {data.use!r} gave points of shape {points.shape}, not {(count, dimension(data))}\n"
            "    mend its sample, or the dimension in pack.yaml"
        )
    return points
