"""Whether a claim and its controls can be judged with what their experiment has."""

import itertools
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Final

import msgspec
from msgspec.structs import FieldInfo

from suite.spec.places import advice
from suite.spec.quantities import QUANTITIES
from suite.spec.schema import Claim, Control, Experiment, Figure, Metric, Setting

OF_DRAWS: Final = ("paired_rate", "best_of")
"""The kinds of claims whose unit is a draw of settings, not a seed."""
RATES: Final = ("rate", "paired_rate")
"""The kinds of claims about how often something succeeds."""
CENTRED: Final = ("equivalence", "identity")
"""The kinds of claims that want a value to be at a target."""
OF_RANKS: Final = "rank_correlation"
"""The statistic of a trend that infinite numbers have, too."""
INFINITE: Final = frozenset({"divergences.kl"})
"""Series that are infinite at times, in a run that is in order."""
MAX_LOOKS: Final = 3
MOST_TIMES: Final = 2
"""A look has at most so many times the seeds of the one before: the less two looks have in common, the more
often one of them misleads, and the levels of `suite.judge.levels` hold 5 % up to here.
"""
MOST_OF_THREE: Final = 60
"""Seeds at the last of three looks: of more, they mislead a little too often: see docs/statistics.md."""
MIN_SEEDS: Final = 4
OF_ONE_ARM: Final = ("threshold", "trend", "equivalence")
"""Kinds of claims that go by the signed ranks of one arm's seeds, unless an equivalence compares two."""
DECIDING: Final = (5, 6, 6)
"""Fewest seeds of one arm whose signed ranks reach the level of one, two or three looks; of two arms
``MIN_SEEDS`` do.
"""
MAX_SEEDS: Final = 100
"""More than any claim needs; the time that exact distributions take grows with the cube."""
USED_BY: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "better": ("ordering", "threshold", "trend", *RATES, "best_of"),
        "versus": ("ordering", "equivalence", *OF_DRAWS),
        "over": ("trend", *OF_DRAWS),
        "statistic": ("trend",),
        "cut": RATES,
        "success": RATES,
        "tries": ("best_of",),
        "target": CENTRED,
    }
)
"""The kinds of claims that go by a field; any other would be judged as if it were not there."""


class Fault(msgspec.Struct, frozen=True):
    """A mistake in a field of a claim, metric or figure."""

    field: str
    text: str
    cure: str


class Scope(msgspec.Struct, frozen=True):
    """An experiment's valid parts, and the names of all of them, valid or not."""

    experiment: Experiment
    arms: frozenset[str]
    factors: frozenset[str]
    metrics: frozenset[str]


def controlled(claim: Claim, control: Control) -> Claim:
    """The claim a control judges: the claim with the fields the control gives in their place."""
    given = {
        field: value
        for field in ("metric", "arm", "versus", "where")
        if (value := getattr(control, field)) is not msgspec.UNSET
    }
    return msgspec.structs.replace(claim, **given)


def unit(claim: Claim) -> str:
    """What a claim counts, for people."""
    return "draws" if claim.kind in OF_DRAWS else "seeds"


def claim_faults(claim: Claim, scope: Scope) -> Iterator[Fault]:
    """All that keeps a claim, its controls aside, from being judged."""
    yield from _needs(claim)
    yield from unused(claim, "kind", USED_BY)
    yield from _looks(claim)
    yield from unknown("metric", claim.metric, scope.metrics, "metrics")
    yield from unknown("arm", claim.arm, scope.arms, "arms")
    yield from unknown("versus", claim.versus, scope.arms, "arms")
    yield from unknown("over", claim.over, scope.factors, "factors")
    yield from where_faults(claim.where, scope)
    yield from _pins(claim, scope)
    yield from _draws(claim, scope)
    yield from _along(claim, scope)
    yield from _infinite(claim, scope)
    yield from _probes(claim, scope)


def unused(spec: Claim | Metric | Figure, by: str, used_by: Mapping[str, Collection[str]]) -> Iterator[Fault]:
    """Faults of fields that are given and that a claim or figure of this kind, or a metric of this reduction,
    ignores; ``used_by`` names those that do not.
    """
    chosen = getattr(spec, by)
    absent = {field.name: _absent(field) for field in msgspec.structs.fields(spec)}
    for field, users in used_by.items():
        if chosen not in users and getattr(spec, field) != absent[field]:
            cure = f"leave it out; it is for {', '.join(users)}"
            yield Fault(field, f"{by} {chosen} does not use {field!r}", cure)


def _absent(field: FieldInfo) -> object:
    """What a field is where it is not given; of mappings msgspec has a function that makes them."""
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def unknown(field: str, name: str | None, legal: Collection[str], label: str) -> Iterator[Fault]:
    """A fault where the name is given and not among the legal ones."""
    if name is not None and name not in legal:
        yield Fault(field, f"{field} {name!r} is none of the {label}", advice(name, legal, label))


def unknown_series(field: str, series: str) -> Iterator[Fault]:
    """A fault where no probe of the suite writes such a series; of those of packs others tell."""
    probe, _, quantity = series.partition(".")
    if "/" in probe:
        return
    if probe not in QUANTITIES:
        cure = advice(probe, QUANTITIES, "probes")
        yield Fault(field, f"unknown probe {probe!r} in {series!r}", cure)
    elif quantity not in QUANTITIES[probe]:
        cure = advice(quantity, QUANTITIES[probe], f"quantities of {probe}")
        yield Fault(field, f"unknown quantity {quantity!r} of probe {probe}", cure)


def where_faults(where: dict[str, float | str], scope: Scope) -> Iterator[Fault]:
    """Faults of the levels that select runs."""
    for name, value in where.items():
        if name not in scope.factors:
            cure = advice(name, scope.factors, "factors")
            yield Fault("where", f"where names {name!r}, which is no factor", cure)
        else:
            yield from level_faults("where", name, value, scope)


def level_faults(field: str, name: str, value: float | str, scope: Scope) -> Iterator[Fault]:
    """A fault where a valid factor has no such level."""
    factor = scope.experiment.factors.get(name)
    if factor is not None and value not in factor.levels:
        levels = ", ".join(map(_shown, factor.levels))
        yield Fault(field, f"{_shown(value)} is no level of {name!r}", f"levels: {levels}")


def _needs(claim: Claim) -> Iterator[Fault]:
    centred = claim.kind in CENTRED
    if claim.kind in ("ordering", *OF_DRAWS) and claim.versus is None:
        what = "an ordering" if claim.kind == "ordering" else f"a {claim.kind}"
        yield Fault("kind", f"{what} needs 'versus'", "add versus: the arm compared with")
    if not centred and claim.better is None:
        yield Fault("kind", f"a claim of kind {claim.kind} needs 'better'", "add better: higher or lower")
    if claim.kind == "trend" and claim.over is None:
        yield Fault("kind", "a trend needs 'over'", "add over: the factor along which it runs")
    if claim.kind in RATES and claim.cut is None:
        yield Fault("kind", f"a {claim.kind} needs 'cut'", "add cut: the value beyond which a seed succeeds")
    yield from _margin(claim, centred)


def _margin(claim: Claim, centred: bool) -> Iterator[Fault]:
    if claim.kind in RATES and not 0 <= claim.margin <= 1:
        yield Fault("margin", f"a {claim.kind} needs a margin from 0 to 1", "write the margin as a share")
    if centred and claim.margin <= 0:
        yield Fault("margin", f"an {claim.kind} needs a margin above 0", "add margin: a number above 0")


def _looks(claim: Claim) -> Iterator[Fault]:
    looks = claim.looks
    rising = all(early < late for early, late in itertools.pairwise(looks))
    if not (1 <= len(looks) <= MAX_LOOKS and rising and looks[0] >= MIN_SEEDS):
        text = f"looks must be 1 to {MAX_LOOKS} rising numbers of seeds, the first at least {MIN_SEEDS}"
        yield Fault("looks", text, "write for example looks: [6, 12]")
        return
    if looks[-1] > MAX_SEEDS and claim.kind not in OF_DRAWS:
        text = f"a look of {looks[-1]} seeds is too large"
        yield Fault("looks", text, f"end looks with {MAX_SEEDS} or less")
    yield from _levels_hold(looks)
    deciding = DECIDING[len(looks) - 1]
    if claim.kind in OF_ONE_ARM and claim.versus is None and looks[-1] < deciding:
        text = f"{looks[-1]} seeds of one arm decide nothing, whatever they are"
        yield Fault("looks", text, f"end looks with {deciding} or more")


def _levels_hold(looks: tuple[int, ...]) -> Iterator[Fault]:
    """Faults of looks at which a claim without an effect would be reproduced in more than 5 % of cases."""
    for early, late in itertools.pairwise(looks):
        if late > MOST_TIMES * early:
            text = f"a look of {late} is more than {MOST_TIMES} times the one before, of {early}"
            yield Fault("looks", text, f"write {MOST_TIMES * early} or less after {early}, or look once")
    if len(looks) == MAX_LOOKS and looks[-1] > MOST_OF_THREE:
        text = f"the last of {MAX_LOOKS} looks is of {looks[-1]}, and the levels hold up to {MOST_OF_THREE}"
        yield Fault("looks", text, f"end looks with {MOST_OF_THREE} or less, or look twice")


def _pins(claim: Claim, scope: Scope) -> Iterator[Fault]:
    if not {*claim.where, claim.over or ""} <= {*scope.factors, ""}:
        return
    for name in scope.experiment.factors:
        if name == claim.over and name in claim.where:
            yield Fault("where", f"factor {name!r} is both 'over' and in 'where'", "keep one of them")
        if name != claim.over and name not in claim.where:
            levels = ", ".join(map(_shown, scope.experiment.factors[name].levels))
            cure = f"add where: {{{name}: one of {levels}}}"
            yield Fault("where", f"no level of factor {name!r} is chosen", cure)


def _draws(claim: Claim, scope: Scope) -> Iterator[Fault]:
    """Of a claim over draws; and a trend runs along values."""
    factor = scope.experiment.factors.get(claim.over or "")
    draws = None if factor is None else factor.draws
    if claim.kind in OF_DRAWS and draws is None:
        yield Fault("over", f"a {claim.kind} needs 'over': a factor with draws", "name one, or add it")
    if claim.kind not in OF_DRAWS and draws is not None:
        yield Fault("over", f"{claim.over!r} has draws, along which no {claim.kind} runs", "name another")
    if claim.kind in OF_DRAWS and draws is not None and max(claim.looks, default=0) > draws.count:
        yield Fault("looks", f"there are only {draws.count} draws", f"end looks with {draws.count}")
    if claim.kind == "best_of" and not 1 <= (claim.tries or 0) <= min(claim.looks, default=0):
        yield Fault("kind", "a best_of needs 'tries', not more than the first look", "add tries: a number")


def _along(claim: Claim, scope: Scope) -> Iterator[Fault]:
    """Of a claim with a statistic along a factor, which is one of numbers."""
    factor = scope.experiment.factors.get(claim.over or "")
    if factor is None or factor.draws is not None:
        return
    numbers = [level for level in factor.levels if not isinstance(level, str)]
    if len(numbers) < len(factor.levels):
        text = f"factor {claim.over!r} has levels in words, along which there is no {claim.statistic}"
        yield Fault("over", text, "name a factor of numbers")
    elif len(set(numbers)) < 2:
        text = f"factor {claim.over!r} has one level, along which there is no {claim.statistic}"
        yield Fault("over", text, "give the factor two levels or more, or name another")
    elif claim.statistic.startswith("log") and min(numbers) <= 0:
        text = f"{claim.statistic} takes the logarithm of {claim.over!r}, whose levels are not all above 0"
        yield Fault("statistic", text, "use rank_correlation, slope, ratio or variation")


def _infinite(claim: Claim, scope: Scope) -> Iterator[Fault]:
    """Of a claim that takes means or slopes, and a metric that may be infinite; all else goes by ranks."""
    metric = scope.experiment.metrics.get(claim.metric)
    if metric is None or not may_be_infinite(metric):
        return
    text = f"metric {claim.metric!r} may be infinite, and then there is no"
    if claim.kind == "trend" and claim.statistic != OF_RANKS:
        yield Fault("metric", f"{text} {claim.statistic}", f"set statistic: {OF_RANKS}")
    if claim.kind == "best_of":
        cure = "make it a paired_rate with a cut, or name another metric"
        yield Fault("metric", f"{text} expected best", cure)


def may_be_infinite(metric: Metric) -> bool:
    """Whether a run that finished may have an infinite number, by what is known of the suite's own: of what
    packs bring nothing is.
    """
    if metric.reduce in ("rank_correlation", "share_negative", "pack"):
        return False
    return metric.reduce == "time_to" or metric.series in INFINITE


def _probes(claim: Claim, scope: Scope) -> Iterator[Fault]:
    metric = scope.experiment.metrics.get(claim.metric)
    for arm in dict.fromkeys((claim.arm, claim.versus)):
        setting = scope.experiment.arms.get(arm or "")
        if metric is not None and setting is not None:
            yield from _missing_probes(claim.metric, metric, f"arm {arm!r}", setting)


def _missing_probes(name: str, metric: Metric, where: str, setting: Setting) -> Iterator[Fault]:
    for probe in probes_of(metric):
        if not has_probe(setting, probe):
            text = f"metric {name!r} needs the probe {probe}, which is off in {where}"
            yield Fault("metric", text, add_probe(probe))


def probes_of(metric: Metric) -> list[str]:
    """The probes whose series a metric reduces."""
    return [series.split(".")[0] for series in (metric.series, metric.against) if series is not None]


def has_probe(setting: Setting, probe: str) -> bool:
    """Whether a setting's runs are measured so; a probe that there is none of is told of elsewhere, and
    losses are always recorded.
    """
    if "/" in probe:
        return probe in setting.probes.packs
    return getattr(setting.probes, probe, probe) is not None


def add_probe(probe: str) -> str:
    """The cure where a probe is off."""
    return f"add probes: {{packs: {{{probe}: {{}}}}}}" if "/" in probe else f"add probes: {{{probe}: {{}}}}"


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"
