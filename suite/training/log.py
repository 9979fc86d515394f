"""What a cohort's probes and losses have said so far."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from suite.series import Series, Values

Waiting = Callable[[], Sequence[Values]]
"""Fetches values that may not be here yet."""


@dataclass
class Log:
    """Readings of all replicas, by quantity: iterations, and values [replicas, ...] at each."""

    iterations: dict[str, list[int]] = field(default_factory=dict)
    _values: dict[str, list[Values]] = field(default_factory=dict)
    _waiting: list[tuple[str, Waiting]] = field(default_factory=list)

    @property
    def values(self) -> dict[str, list[Values]]:
        """Values by quantity; those that wait elsewhere are fetched now."""
        for name, fetch in self._waiting:
            self._values[name] += fetch()
        self._waiting.clear()
        return self._values

    def add(self, iteration: int, readings: Mapping[str, Values]) -> None:
        """Append one reading of each named quantity."""
        for name, value in readings.items():
            self.iterations.setdefault(name, []).append(iteration)
            self.values.setdefault(name, []).append(value)

    def add_later(self, iterations: Sequence[int], name: str, fetch: Waiting) -> None:
        """Append readings whose values need not be fetched before someone asks for them."""
        self.iterations.setdefault(name, []).extend(iterations)
        self._values.setdefault(name, [])
        self._waiting.append((name, fetch))

    def of_run(self, replica: int) -> dict[str, Series]:
        """The series of one replica."""
        return {
            name: Series(
                np.array(self.iterations[name], dtype=np.int64), np.stack([v[replica] for v in values])
            )
            for name, values in self.values.items()
        }

    @classmethod
    def joined(cls, runs: list[dict[str, Series]]) -> "Log":
        """The log whose ``of_run`` gives these series back, replica by replica."""
        log = cls()
        for name, first in runs[0].items():
            log.iterations[name] = first.iterations.tolist()
            log._values[name] = list(np.stack([series[name].values for series in runs], axis=1))
        return log
