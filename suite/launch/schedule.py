"""Batches side by side: how long they take together."""

import heapq
from collections.abc import Iterable

from suite.launch.batches import Batch


class Lanes:
    """Workers, each of which trains one batch after the other: the one that is free first takes the next
    batch, as in ``suite.launch.pool``.
    """

    def __init__(self, count: int) -> None:
        self._free = [0.0] * count
        self.end = 0.0
        """Seconds until all are free again."""

    @property
    def free(self) -> float:
        """Seconds until the first is free; 0 where one stands idle."""
        return self._free[0]

    def take(self, batch: Batch) -> None:
        """Give them one more."""
        ends = self.free + batch.seconds
        self.end = max(self.end, ends)
        heapq.heapreplace(self._free, ends)


def wall(found: Iterable[Batch], lanes: int) -> float:
    """Estimated seconds until so many lanes have trained all batches, which they take in this order. Never
    less than the longest batch, nor than the sum divided by the lanes.
    """
    made = Lanes(lanes)
    for batch in found:
        made.take(batch)
    return made.end
