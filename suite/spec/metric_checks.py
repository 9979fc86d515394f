"""Whether a metric can be had of its series, by itself and of the runs that a claim compares."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from suite.spec.claim_checks import Fault, controlled, unknown_series, unused
from suite.spec.draws import set_by
from suite.spec.schema import Claim, Experiment, Metric, Setting

SPREAD: Final = ("slope", "deviation")
"""The reductions that there are of two points or more."""
OF_LAST: Final = ("last", "change", "ratio", "setback", *SPREAD, "time_to_90")
USED_BY: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "window": OF_LAST,
        "level": ("time_to",),
        "against": ("rank_correlation",),
        "differences": ("rank_correlation",),
    }
)
"""The reductions that go by a field of a metric."""
LEAST_RANKED: Final = 3
"""Points, or changes between them, of which there is a rank correlation."""


def reduction_faults(metric: Metric) -> Iterator[Fault]:
    """All that keeps a metric from being had of any run."""
    yield from unknown_series("series", metric.series)
    if metric.against is not None:
        yield from unknown_series("against", metric.against)
    if metric.differences and metric.against is None:
        text = "'differences' correlates changes of two series"
        yield Fault("differences", text, "add against: the other series")
    yield from unused(metric, "reduce", USED_BY)
    if metric.reduce in SPREAD and metric.window < 2:
        text = f"a {metric.reduce} is of two points or more, and window is {metric.window}"
        yield Fault("reduce", text, "add window: how many of the last points count")
    if metric.reduce == "rank_correlation" and metric.transform != "none":
        yield Fault("transform", "a correlation is not transformed", "leave it out")
    if metric.reduce == "time_to" and metric.level is None:
        yield Fault("reduce", "time_to needs 'level'", "add level: the value to be reached")


def measured_faults(claim: Claim, experiment: Experiment) -> Iterator[Fault]:
    """All that leaves a claim, or a control of it, without a number of any run. Of an arm whose length or
    probes a factor sets nothing is told.
    """
    judged = (claim, *(controlled(claim, control) for control in claim.controls.values()))
    pairs = dict.fromkeys((each.metric, arm) for each in judged for arm in (each.arm, each.versus))
    for name, arm in pairs if not _is_varied(experiment) else ():
        metric, setting = experiment.metrics.get(name), experiment.arms.get(arm or "")
        if metric is not None and setting is not None:
            yield from _unmeasured(name, metric, f"arm {arm!r}", setting)


def _is_varied(experiment: Experiment) -> bool:
    """Whether a factor sets how long arms are, or what is measured of them."""
    paths = [path for factor in experiment.factors.values() for path in set_by(factor)]
    return any(path.split(".")[0] in ("iterations", "probes") for path in paths)


def _unmeasured(name: str, metric: Metric, where: str, setting: Setting) -> Iterator[Fault]:
    if metric.after > setting.iterations:
        end = f"{where} ends at {setting.iterations}"
        text = f"metric {name!r} counts from iteration {metric.after} on, and {end}"
        yield Fault("metric", text, f"lower after of {name}, or raise iterations")
    if metric.reduce == "rank_correlation":
        yield from _few_points(name, metric, where, setting)


def _few_points(name: str, metric: Metric, where: str, setting: Setting) -> Iterator[Fault]:
    least = LEAST_RANKED + metric.differences
    for series in filter(None, (metric.series, metric.against)):
        probe = series.split(".")[0]
        there = _points(setting, probe)
        if there is not None and there < least:
            text = f"metric {name!r} ranks {least} points or more, and {probe} measures {there} in {where}"
            yield Fault("metric", text, f"raise points of {probe}, or iterations")


def _points(setting: Setting, probe: str) -> int | None:
    """How often a probe measures a run, the start included; None where it is off, or measures all along."""
    spec = getattr(setting.probes, probe, None) or setting.probes.packs.get(probe)
    points = getattr(spec, "points", None)
    if points is None:
        return None
    return 1 if points == 0 else min(points, setting.iterations) + 1
