"""A run's metrics: as recorded, or from its series where they were defined otherwise then."""

import math
from collections.abc import Callable, Mapping

from suite.metrics.reduce import metric, protocol
from suite.series import Series
from suite.spec.packs.code import is_here
from suite.spec.schema import Metric
from suite.store.record import Record


def measured(record: Record, name: str, spec: Metric, series: Callable[[], Mapping[str, Series]]) -> float:
    """The metric ``name`` of a run by its definition ``spec``; NaN where the run did not finish.

    ``series`` is only called where the record holds no value measured in this way.
    """
    if record.outcome.state != "finished":
        return math.nan
    held = record.metrics.get(name)
    if held is not None and held.protocol == protocol(spec, record.run.setting.probes):
        return held.number()
    if spec.use is not None and not is_here(spec.use):
        # Nobody can measure it here; what the run itself said stands.
        return math.nan if held is None else held.number()
    return metric(spec, series())
