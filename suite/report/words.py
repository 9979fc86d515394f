"""Verdicts, numbers and rules as a reader sees them, the same wherever they appear."""

import math
import re
import shlex
from collections.abc import Collection, Mapping, Sequence

from suite import places
from suite.judge.assess import ClaimResult, can_decide
from suite.judge.reasons import numerals
from suite.judge.values import Interval, Judgement, Seeds, Verdict
from suite.spec.claim_checks import CENTRED
from suite.spec.packs.code import meaning as of_pack
from suite.spec.packs.words import needed
from suite.spec.quantities import QUANTITIES
from suite.spec.schema import Claim, FactorValue, Metric, Paper
from suite.spec.uses import packs_used
from suite.study import Study

SYMBOLS: dict[Verdict, str] = {"reproduced": "✓", "refuted": "✗", "inconclusive": "?", "not evaluated": "·"}
NONE = "–"
STATISTICS = {
    "rank_correlation": "rank correlation",
    "slope": "slope",
    "log_slope": "slope per decade of the factor",
    "log_log_slope": "slope in log-log",
    "ratio": "ratio of the last level to the first",
    "variation": "coefficient of variation",
}


def number(value: float | None) -> str:
    """Three significant digits; a dash for what was not measured."""
    if value is None or math.isnan(value):
        return NONE
    return infinities(f"{value:.3g}")


def seeds(claim: Claim, values: Seeds, finished: Collection[int] = ()) -> tuple[str, ...]:
    """Each seed's number, or what became of it; ``finished`` are the places of those whose runs all did."""
    return tuple(lost(claim, i in finished) if v is None else number(v) for i, v in enumerate(values))


def lost(claim: Claim, finished: bool) -> str:
    """What became of a seed that has no number: only a trend's may have runs that all ``finished``."""
    return f"without a {claim.statistic.replace('_', ' ')}" if finished else "diverged"


def infinities(text: str) -> str:
    """The text with every number ``inf`` as the sign of infinity."""
    return re.sub(r"\binf\b", "∞", text) if "inf" in text else text


def level(value: FactorValue) -> str:
    """A factor's level as people read it: names of data sets with blanks."""
    return value.replace("_", " ") if isinstance(value, str) else f"{value:g}"


def levels(chosen: Mapping[str, FactorValue]) -> str:
    """``theta = 1, width = 64``."""
    return ", ".join(f"{name} = {level(value)}" for name, value in chosen.items())


def condition(arm: str, chosen: Mapping[str, FactorValue]) -> str:
    """An arm, and levels where there are any."""
    return f"{arm}, {levels(chosen)}" if chosen else arm


def estimate(judgement: Judgement) -> str:
    """``estimate [low, high]``, in enough digits that no end looks like the margin it is not."""
    values = (judgement.estimate, judgement.low, judgement.high)
    given = [v for v in values if v is not None]
    if len(given) < len(values):
        return NONE
    bounds = () if judgement.margin is None else (judgement.margin,)
    middle, low, high = numerals(given, bounds)[:3]
    return infinities(f"{middle} [{low}, {high}]")


def interval(found: Interval) -> str:
    """``estimate [low, high]``."""
    return f"{number(found.estimate)} [{number(found.low)}, {number(found.high)}]"


def margin(claim: Claim) -> str:
    """What the interval has to be beyond, or inside of."""
    if claim.kind in CENTRED:
        return f"{number(claim.target)} ± {number(claim.margin)}"
    sign = -1 if claim.kind in ("ordering", "best_of") and claim.better == "lower" else 1
    return f"{'<' if claim.better == 'lower' else '>'} {number(sign * claim.margin + 0.0)}"


def controls(result: ClaimResult) -> str:
    """How many controls came out as expected, and which did not."""
    states = {control.name: control.state for control in result.controls}
    if not states:
        return "none"
    for state in ("not as expected", "not evaluated"):
        names = [name for name in states if states[name] == state]
        if names:
            told = f": {', '.join(names)}" if state == "not as expected" else ""
            return f"{len(names)} of {len(states)} {state}{told}"
    return f"{len(states)} of {len(states)} as expected"


def post_hoc(result: ClaimResult) -> str:
    """The mark of a claim whose criterion is younger than its first result."""
    return "post hoc" if result.post_hoc else ""


def left_open(result: ClaimResult) -> str:
    """The mark of a claim that is inconclusive because its scale is too small for it."""
    is_open = result.judgement.verdict == "inconclusive" and not can_decide(result.claim, result.study.scale)
    return f"decided from {result.claim.decided_from} scale on" if is_open else ""


def verdict(result: ClaimResult) -> str:
    """The verdict, never without the scale it holds at."""
    said = result.judgement.verdict
    return said if said == "not evaluated" else f"{said} at {result.study.scale} scale"


def title(result: ClaimResult) -> str:
    """Claim id, and the overrides where there are any."""
    return f"{result.id} {result.study.variant}".strip()


def venue(paper: Paper) -> str:
    """Where and when a paper appeared."""
    return paper.venue if str(paper.year) in paper.venue else f"{paper.venue} {paper.year}"


def meaning(name: str, metric: Metric) -> str:
    """What a metric says, with its unit."""
    probe, _, quantity = metric.series.partition(".")
    known = QUANTITIES.get(probe, {}).get(quantity, "") or of_pack(metric.series)
    text = metric.says or known or name.replace("_", " ")
    return f"{text} ({metric.unit})" if metric.unit else text


def command(study: Study, folders: Sequence[str] = ()) -> str:
    """The command that runs a study, or finds it done; ``folders`` are the words that name these."""
    packs = needed(study.path, packs_used(study.experiment))
    given = ["--scale", study.scale, *study.overrides, *packs, *folders]
    return f"{places.COMMAND} {shlex.join(['run', study.experiment.id, *given])}"
