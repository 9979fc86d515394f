"""From a run's series to its metrics."""

import hashlib
from collections.abc import Callable, Mapping

import msgspec
import numpy as np

from suite.metrics.ranks import rank_correlation
from suite.metrics.shapes import TINY
from suite.series import Series
from suite.spec import schema
from suite.spec.identity import canonical
from suite.spec.packs.code import code
from suite.spec.packs.faulty import blamed, gave
from suite.store.packs import of_metric


def metric(spec: schema.Metric, series: Mapping[str, Series]) -> float:
    """One metric of a finished run. NaN where its series is missing or empty; ``Faulty`` where it is a pack's
    whose code fails, or gives no number.
    """
    found = _since(series.get(spec.series), spec.after)
    if found is None or len(found.values) == 0:
        return float("nan")
    if spec.reduce == "rank_correlation":
        against = _since(series.get(spec.against), spec.after) if spec.against else None
        return _rank_correlation(found, against, spec.differences)
    value = _reduced(found, spec)
    return _log10(value) if spec.transform == "log10" else value


def _reduced(series: Series, spec: schema.Metric) -> float:
    if spec.reduce == "pack":
        return _of_pack(series, spec.use or "", spec.options)
    if spec.reduce == "time_to":
        return _time_to(series, spec)
    return REDUCTIONS[spec.reduce](series, spec.window)


def _of_pack(series: Series, use: str, options: Mapping[str, schema.Option]) -> float:
    with blamed("metrics", use):
        value = code("metrics", use, options)(series)
        if isinstance(value, str | bytes | None) or np.ndim(value):
            raise gave("metrics", use, value, "a number")
        return float(value)


def protocol(spec: schema.Metric, probes: schema.Probes) -> str:
    """Fingerprint of how a metric is measured: its reduction and its probes' parameters."""
    names = {name.split(".")[0] for name in (spec.series, spec.against) if name}
    parameters = {name: getattr(probes, name, probes.packs.get(name)) for name in sorted(names)}
    used = {name: canonical(given) for name, given in parameters.items() if given is not None}
    rule = {key: value for key, value in canonical(spec).items() if key not in ("says", "unit")}
    brought = {"pack": of_metric(spec.use)} if spec.use else {}
    text = msgspec.json.encode({"metric": rule, "probes": used, **brought}, order="deterministic")
    return hashlib.sha256(text).hexdigest()[:12]


def _since(series: Series | None, after: int) -> Series | None:
    """The part of a series from the iteration ``after`` on."""
    if series is None or not after:
        return series
    kept = series.iterations >= after
    return Series(series.iterations[kept], series.values[kept])


def _rank_correlation(series: Series, against: Series | None, differences: bool) -> float:
    """Spearman's correlation with the iteration, or with another series where both have points;
    of the changes between points where ``differences`` are asked for.
    """
    x, y = series.iterations.astype(float), series.values
    if against is not None:
        _, mine, its = np.intersect1d(series.iterations, against.iterations, return_indices=True)
        x, y = against.values[its], series.values[mine]
    if differences:
        x, y = np.diff(x), np.diff(y)
    if len(y) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return rank_correlation(x, y)


def _log10(value: float) -> float:
    """NaN for a negative number; zero counts as ``TINY``, so that it stays comparable."""
    return float(np.log10(max(value, TINY))) if value >= 0 else float("nan")


def _over(series: Series, window: int, base: np.float64) -> float:
    """The mean of the last points over ``base``; what has stayed at zero has stayed as it was."""
    last = series.values[-window:].mean()
    if base == 0:
        return 1.0 if last == 0 else float("nan")
    return float(last / base)


def _time_to_90(series: Series, window: int) -> float:
    start, end = series.values[0], series.values[-window:].mean()
    done = (series.values - start) / (end - start) >= 0.9 if end != start else np.ones(1, dtype=bool)
    return float(series.iterations[np.argmax(done)])


def _time_to(series: Series, spec: schema.Metric) -> float:
    """Iterations from ``after`` to the first value at ``level`` or above; infinite without one."""
    there = series.values >= (0.0 if spec.level is None else spec.level)
    return float(series.iterations[np.argmax(there)] - spec.after) if there.any() else float("inf")


def _slope(series: Series, window: int) -> float:
    """Least squares, per 1,000 iterations, over the last ``window`` points."""
    x, y = series.iterations[-window:].astype(float), series.values[-window:]
    if len(y) < 2:
        return float("nan")
    centred = x - x.mean()
    return float(1000 * (centred @ y) / (centred @ centred))


def _deviation(series: Series, window: int) -> float:
    last = series.values[-window:]
    return float(last.std(ddof=1)) if len(last) > 1 else float("nan")


def _excursion(series: Series, window: int) -> float:
    distance = np.abs(series.values - np.median(series.values))
    return float(distance.max() / max(float(np.median(distance)), TINY)) if distance.any() else 0.0


REDUCTIONS: Mapping[str, Callable[[Series, int], float]] = {
    "first": lambda s, window: float(s.values[0]),
    "last": lambda s, window: float(s.values[-window:].mean()),
    "mean": lambda s, window: float(s.values.mean()),
    "minimum": lambda s, window: float(s.values.min()),
    "maximum": lambda s, window: float(s.values.max()),
    "change": lambda s, window: float(s.values[-window:].mean() - s.values[0]),
    "ratio": lambda s, window: _over(s, window, s.values[0]),
    "setback": lambda s, window: _over(s, window, s.values.min()),
    "time_to_90": _time_to_90,
    "share_negative": lambda s, window: float((s.values < 0).mean()),
    "excursion": _excursion,
    "slope": _slope,
    "deviation": _deviation,
}
