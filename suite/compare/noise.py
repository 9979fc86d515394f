"""The noise floor that ``determinism`` has measured: how far apart two trainings of one run may end."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from suite.compare.side import Side
from suite.revisions.differences import of_metric
from suite.revisions.noise import floors
from suite.store.record import Record


class Floors(NamedTuple):
    """Relative noise floors."""

    known: Mapping[str, Mapping[str, float]] = {}
    """Experiment to metric to the largest difference of two trainings, as a share of the value."""

    def of(self, experiment: str, metric: str) -> float:
        """One metric's; 0 where nothing is known or it has no bound."""
        found = self.known.get(experiment, {}).get(metric, 0.0)
        return found if math.isfinite(found) else 0.0

    def hold(self, before: Record, after: Record) -> bool:
        """Whether every metric of a run has moved by no more than its floor, and one is known to be noisy."""
        shared = before.metrics.keys() & after.metrics.keys()
        known = {name: self.of(after.run.experiment, name) for name in shared}
        moved = (of_metric(before, after, name) <= known[name] for name in shared)
        return any(known.values()) and all(moved)


def floors_of(results: Path, sides: Iterable[Side]) -> Floors:
    """The larger of what is known of each version."""
    versions = {record.code.fingerprint for side in sides for record in side.records.values()}
    found: dict[str, dict[str, float]] = {}
    for version in versions:
        for experiment, metrics in (floors(results, version) if version.isalnum() else {}).items():
            known = found.setdefault(experiment, {})
            known |= {name: max(value, known.get(name, 0.0)) for name, value in metrics.items()}
    return Floors(found)
