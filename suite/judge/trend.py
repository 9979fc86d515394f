"""One number a seed for how a metric moves along a factor."""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from suite.metrics import ranks
from suite.spec.claim_checks import OF_RANKS

Floats = npt.NDArray[np.float64]


def trend_statistic(statistic: str, levels: Floats, values: Floats) -> float:
    """The claim's ``statistic`` of one seed's ``values`` at the factor's ``levels``, both (k,).

    nan, a seed that ranks worst, where a level diverged or the statistic does not exist: the
    logarithm of a value that is not positive, a ratio to 0, the variation around a mean of 0, and of
    infinite values everything but the correlation of their ranks.
    ``suite.spec.claim_checks`` sees to it that the levels are two different ones or more, for a logarithm
    above 0.
    """
    exists = ~np.isnan(values) if statistic == OF_RANKS else np.isfinite(values)
    return STATISTICS[statistic](levels, values) if np.all(exists) else math.nan


def rank_correlation(levels: Floats, values: Floats) -> float:
    """Spearman's correlation, ties averaged; 0 for values that are all equal."""
    return ranks.rank_correlation(levels, values) if np.any(values != values[0]) else 0.0


def slope(levels: Floats, values: Floats) -> float:
    """Least-squares slope."""
    return ranks.slope(levels, values)


def log_slope(levels: Floats, values: Floats) -> float:
    """Slope against log10 of the level: change per decade."""
    return slope(np.log10(levels), values)


def log_log_slope(levels: Floats, values: Floats) -> float:
    """Slope of log10 of the value against log10 of the level: the exponent of a power law."""
    return slope(np.log10(levels), np.log10(values)) if np.min(values) > 0 else math.nan


def ratio(levels: Floats, values: Floats) -> float:
    """Value at the last level over the value at the first, in the order given."""
    return float(values[-1] / values[0]) if values[0] != 0 else math.nan


def variation(levels: Floats, values: Floats) -> float:
    """Standard deviation (of the levels as a population) over the size of the mean."""
    mean = abs(float(np.mean(values)))
    return float(np.std(values)) / mean if mean > 0 else math.nan


STATISTICS: dict[str, Callable[[Floats, Floats], float]] = {
    "rank_correlation": rank_correlation,
    "slope": slope,
    "log_slope": log_slope,
    "log_log_slope": log_log_slope,
    "ratio": ratio,
    "variation": variation,
}
