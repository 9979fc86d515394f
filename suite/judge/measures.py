"""A run's metrics: as recorded, or from its series where they were defined otherwise then."""

import math
from collections.abc import Callable, Mapping
from functools import cache, partial

from suite.metrics.reduce import metric, protocol
from suite.series import Series
from suite.spec.packs.code import is_here
from suite.spec.schema import Metric, Probes
from suite.store.record import Record

ProtocolOf = Callable[[Probes], str]


def protocol_of(spec: Metric) -> ProtocolOf:
    """How a metric is measured with some probes, worked out once for all runs with equal ones."""
    return cache(partial(protocol, spec))


def measured(
    record: Record,
    name: str,
    spec: Metric,
    series: Callable[[], Mapping[str, Series]],
    known: ProtocolOf | None = None,
) -> float:
    """The metric ``name`` of a run by its definition ``spec``; NaN where the run did not finish.

    ``series`` is only called where the record holds no value measured in this way. ``known`` is
    ``protocol_of(spec)``, where a metric of many runs is asked for.
    """
    if record.outcome.state != "finished":
        return math.nan
    held = record.metrics.get(name)
    way = (known or partial(protocol, spec))(record.run.setting.probes)
    if held is not None and held.protocol == way:
        return held.number()
    if spec.use is not None and not is_here(spec.use):
        # Nobody can measure it here; what the run itself said stands.
        return math.nan if held is None else held.number()
    return metric(spec, series())
