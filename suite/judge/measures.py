"""A run's metrics: as recorded, or from its series where they were defined otherwise then."""

import math
from collections.abc import Callable, Mapping
from functools import cache

from suite.metrics.reduce import metric, protocol
from suite.series import Series
from suite.spec.packs.code import is_here
from suite.spec.packs.faulty import Faulty
from suite.spec.schema import Metric, Probes
from suite.store.record import Record

ProtocolOf = Callable[[str, Probes], str]
"""A metric's name and a run's probes to how it is measured."""


def protocols(metrics: Mapping[str, Metric]) -> ProtocolOf:
    """How each of these metrics is measured, worked out once for all runs with equal probes."""
    return cache(lambda name, probes: protocol(metrics[name], probes))


def measured(
    record: Record,
    name: str,
    spec: Metric,
    way: str,
    series: Callable[[], Mapping[str, Series]],
) -> float:
    """The metric ``name`` of a run by its definition ``spec``; NaN where the run did not finish, and where
    the metric is a pack's that fails, which is noted.

    ``way`` is the protocol of ``spec`` with the run's probes; ``series`` is only called where the record
    holds no value measured in this way.
    """
    if record.outcome.state != "finished":
        return math.nan
    held = record.metrics.get(name)
    if held is not None and held.protocol == way:
        return held.number()
    # A metric of another experiment, which lends or borrows the run, may be the same by another name.
    same = next((each for each in record.metrics.values() if each.protocol == way), None)
    if same is not None:
        return same.number()
    if spec.use is not None and not is_here(spec.use):
        # Nobody can measure it here; what the run itself said stands.
        return math.nan if held is None else held.number()
    try:
        return metric(spec, series())
    except Faulty as error:
        error.note()
        return math.nan


def look_again(
    record: Record, metrics: Mapping[str, Metric], series: Callable[[], Mapping[str, Series]]
) -> None:
    """Note why a run is without some of its metrics, where these are packs' that failed."""
    way = protocols(metrics)
    for name in sorted(metrics.keys() - record.metrics.keys()):
        measured(record, name, metrics[name], way(name, record.run.setting.probes), series)
