"""How far apart two trainings of one run ended."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from suite.plain import finite
from suite.revisions.noise import Difference
from suite.series import Series
from suite.store.record import Record


def difference(
    one: Record, other: Record, series: Mapping[str, Series], others: Mapping[str, Series]
) -> Difference:
    """Two records of a run, each with its series [points]."""
    return Difference(
        identical=one.digest == other.digest,
        metrics={
            name: finite(of_metric(one, other, name)) for name in sorted({*one.metrics, *other.metrics})
        },
        series={
            name: finite(_of_series(series.get(name), others.get(name)))
            for name in sorted({*series, *others})
        },
        apart_at=apart_at(series, others),
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
    apart = ~_equal(one, other)
    a, b = one[apart], other[apart]
    if not (np.isfinite(a) & np.isfinite(b)).all():
        return math.inf
    return float(np.max(np.abs(a - b) / np.maximum(np.abs(a), np.abs(b)), initial=0.0))


def apart_at(series: Mapping[str, Series], others: Mapping[str, Series]) -> int | None:
    """The first iteration at which one of the series is another, or is not there; None where all agree."""
    found = [_first_apart(series.get(name), others.get(name)) for name in {*series, *others}]
    return min((each for each in found if each is not None), default=None)


def _first_apart(one: Series | None, other: Series | None) -> int | None:
    if one is None or other is None:
        return 0
    common = min(len(one.iterations), len(other.iterations))
    same = _equal(one.values[:common], other.values[:common])
    same &= one.iterations[:common] == other.iterations[:common]
    if not same.all():
        place = int(np.argmin(same))
        return int(min(one.iterations[place], other.iterations[place]))
    longer = max(one.iterations, other.iterations, key=len)
    return int(longer[common]) if len(longer) > common else None


def _of_series(one: Series | None, other: Series | None) -> float:
    return math.inf if one is None or other is None else relative(one.values, other.values)


def _numbers(record: Record, metric: str) -> NDArray[np.float64]:
    """The metric as an array of one; of none where it was not measured."""
    held = record.metrics.get(metric)
    return np.array([] if held is None else [held.number()], dtype=np.float64)


def _equal(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.bool_]:
    equal: NDArray[np.bool_] = (one == other) | (np.isnan(one) & np.isnan(other))
    return equal
