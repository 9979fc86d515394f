"""What a cohort's probes and losses have said so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from suite.series import Series, Values


@dataclass
class Log:
    """Readings of all replicas, by quantity: iterations, and values [replicas, ...] at each."""

    iterations: dict[str, list[int]] = field(default_factory=dict)
    values: dict[str, list[Values]] = field(default_factory=dict)

    def add(self, iteration: int, readings: Mapping[str, Values]) -> None:
        """Append one reading of each named quantity."""
        for name, value in readings.items():
            self.iterations.setdefault(name, []).append(iteration)
            self.values.setdefault(name, []).append(value)

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
            log.values[name] = list(np.stack([series[name].values for series in runs], axis=1))
        return log
