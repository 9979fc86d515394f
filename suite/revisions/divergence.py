"""Where two trainings of one run part."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from suite.series import Series, Values

Iterations = NDArray[np.int64]
NO_POINTS = Series(np.zeros(0, dtype=np.int64), np.zeros(0))


class Parting(NamedTuple):
    """The first point that is another, or that one of the two alone has."""

    iteration: int
    quantity: str


def parting(one: Mapping[str, Series], other: Mapping[str, Series]) -> Parting | None:
    """Where two trainings part, by their series [points]; None where no series differs.

    A quantity that one alone has counts where no other parts: measuring more makes no other training.
    """
    return _first(one, other, one.keys() & other.keys()) or _first(one, other, one.keys() ^ other.keys())


def shared(one: Series, other: Series) -> tuple[Iterations, Values, Values]:
    """The iterations [points] that two series share, and the values of both there."""
    iterations, mine, its = np.intersect1d(one.iterations, other.iterations, return_indices=True)
    return iterations, one.values[mine], other.values[its]


def equal(one: Values, other: Values) -> NDArray[np.bool_]:
    """Where two arrays of one shape agree: two NaN do."""
    found: NDArray[np.bool_] = (one == other) | (np.isnan(one) & np.isnan(other))
    return found


def _first(one: Mapping[str, Series], other: Mapping[str, Series], names: Iterable[str]) -> Parting | None:
    apart = {name: _apart(one.get(name, NO_POINTS), other.get(name, NO_POINTS)) for name in names}
    return min((Parting(int(at.min()), name) for name, at in apart.items() if len(at)), default=None)


def _apart(one: Series, other: Series) -> Iterations:
    """The iterations at which they differ, and those of points that one of them alone has."""
    iterations, mine, its = shared(one, other)
    return np.concatenate([iterations[~equal(mine, its)], np.setxor1d(one.iterations, other.iterations)])
