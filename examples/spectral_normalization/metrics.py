"""Metrics: one number of a series. They are made again where a report is written, without torch."""

import numpy as np

from suite.series import Series


def log_area(series: Series, base: int) -> float:
    """Mean of log_base(value) over the iterations, by the trapezoidal rule; NaN without two points, or where
    a value is not positive. Smaller for what falls sooner and further.
    """
    if len(series.values) < 2 or not (series.values > 0).all():
        return float("nan")
    heights, steps = np.log(series.values) / np.log(base), np.diff(series.iterations)
    return float(((heights[1:] + heights[:-1]) / 2 * steps).sum() / steps.sum())
