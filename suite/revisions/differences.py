"""How far apart two trainings of one run ended."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from suite.plain import finite
from suite.revisions.divergence import equal, parting
from suite.revisions.noise import Difference
from suite.series import Series
from suite.store.record import Record


def difference(
    one: Record, other: Record, series: Mapping[str, Series], others: Mapping[str, Series]
) -> Difference:
    """Two records of a run, each with its series [points]."""
    first = parting(series, others)
    return Difference(
        identical=one.digest == other.digest,
        metrics={
            name: finite(of_metric(one, other, name)) for name in sorted({*one.metrics, *other.metrics})
        },
        series={
            name: finite(_of_series(series.get(name), others.get(name)))
            for name in sorted({*series, *others})
        },
        apart_at=first.iteration if first else None,
    )


def of_metric(one: Record, other: Record, name: str) -> float:
    """How far apart two records have a metric, as in ``relative``."""
    return relative(_numbers(one, name), _numbers(other, name))


def relative(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """The largest |a - b| over the larger of |a| and |b|: 0 where all are equal, two NaN counting as
    equal; infinite where one is NaN or infinite alone, or the shapes differ.
    """
    if one.shape != other.shape:
        return math.inf
    apart = ~equal(one, other)
    a, b = one[apart], other[apart]
    if not (np.isfinite(a) & np.isfinite(b)).all():
        return math.inf
    return float(np.max(np.abs(a - b) / np.maximum(np.abs(a), np.abs(b)), initial=0.0))


def _of_series(one: Series | None, other: Series | None) -> float:
    return math.inf if one is None or other is None else relative(one.values, other.values)


def _numbers(record: Record, metric: str) -> NDArray[np.float64]:
    """The metric as an array of one; of none where it was not measured."""
    held = record.metrics.get(metric)
    return np.array([] if held is None else [held.number()], dtype=np.float64)
