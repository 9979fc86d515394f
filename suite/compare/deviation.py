"""How far, and from which iteration on, the series of two trainings of one run part."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from suite.series import Series

Floats = npt.NDArray[np.float64]


class Deviation(NamedTuple):
    """The difference of two trainings of one run."""

    quantity: str
    """The one that parts the most."""
    largest: float
    """The largest distance of its two series, as a share of their largest absolute value: from 0 to 2.
    Infinite where one of them is not finite and the other is."""
    at: int
    """The iteration of that."""
    first: int
    """The first iteration at which any quantity differs."""
    first_quantity: str

    @property
    def told(self) -> str:
        """On one line."""
        first = f"from iteration {self.first} on ({self.first_quantity})"
        return f"{first}, at most by {self.largest:.2g} of its scale ({self.quantity}, iteration {self.at})"


def deviation(before: Mapping[str, Series], after: Mapping[str, Series]) -> Deviation | None:
    """See ``Deviation``. Points that one side alone has differ from iteration to iteration there is none;
    None where all points that both have are equal to the bit and neither has more.
    """
    found = list(_parted(before, after))
    if not found:
        return None
    first = min(found, key=lambda each: each.first)
    widest = max(found, key=lambda each: each.largest)
    return widest._replace(first=first.first, first_quantity=first.quantity)


def _parted(before: Mapping[str, Series], after: Mapping[str, Series]) -> Iterator[Deviation]:
    for name in sorted(before.keys() & after.keys()):
        found = _of_one(name, before[name], after[name])
        if found is not None:
            yield found


def _of_one(name: str, before: Series, after: Series) -> Deviation | None:
    shared, mine, its = np.intersect1d(before.iterations, after.iterations, return_indices=True)
    old, new = before.values[mine], after.values[its]
    differs = ~((old == new) | (np.isnan(old) & np.isnan(new)))
    lone = np.setxor1d(before.iterations, after.iterations)
    if not differs.any():
        return Deviation(name, 0.0, int(lone[0]), int(lone[0]), name) if len(lone) else None
    distance = np.where(differs, _distance(old, new), 0.0)
    worst = int(np.argmax(distance))
    first = int(min([shared[np.argmax(differs)], *lone[:1]]))
    return Deviation(name, float(distance[worst]), int(shared[worst]), first, name)


def _distance(old: Floats, new: Floats) -> Floats:
    """The distance at each point over the largest absolute value; infinite where one is not finite."""
    values = np.concatenate([old, new])
    scale = float(np.max(np.abs(values[np.isfinite(values)]), initial=0.0)) or 1.0
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(old) & np.isfinite(new), np.abs(new / scale - old / scale), np.inf)
