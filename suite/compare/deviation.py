"""How far, and from which iteration on, the series of two trainings of one run part."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from suite.revisions.divergence import equal, parting, shared
from suite.series import Series, Values


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
    """The first iteration at which any quantity differs: see ``parting``."""
    first_quantity: str

    @property
    def told(self) -> str:
        """On one line."""
        first = f"from iteration {self.first} on ({self.first_quantity})"
        return f"{first}, at most by {self.largest:.2g} of its scale ({self.quantity}, iteration {self.at})"


class Width(NamedTuple):
    """How far one quantity parts at the most: see ``Deviation``."""

    quantity: str
    largest: float
    at: int


def deviation(before: Mapping[str, Series], after: Mapping[str, Series]) -> Deviation | None:
    """See ``Deviation``. None where no series differs."""
    first = parting(before, after)
    if first is None:
        return None
    nowhere = Width(first.quantity, 0.0, first.iteration)
    widest = max([nowhere, *_widths(before, after)], key=lambda each: each.largest)
    return Deviation(*widest, *first)


def _widths(before: Mapping[str, Series], after: Mapping[str, Series]) -> Iterator[Width]:
    for name in sorted(before.keys() & after.keys()):
        iterations, old, new = shared(before[name], after[name])
        distance = np.where(equal(old, new), 0.0, _distance(old, new))
        if distance.any():
            worst = int(np.argmax(distance))
            yield Width(name, float(distance[worst]), int(iterations[worst]))


def _distance(old: Values, new: Values) -> Values:
    """The distance at each point over the largest absolute value; infinite where one is not finite."""
    values = np.concatenate([old, new])
    scale = float(np.max(np.abs(values[np.isfinite(values)]), initial=0.0)) or 1.0
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(old) & np.isfinite(new), np.abs(new / scale - old / scale), np.inf)
