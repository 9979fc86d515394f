"""A comparison for a machine: the object that ``compare --json`` prints.

Keys are only ever added; ``format`` rises where the meaning of one changes. Numbers that are infinite or
were not found are null.
"""

from collections.abc import Sequence

from suite.compare.attribution import Reason
from suite.compare.claims import ClaimChange
from suite.compare.compare import Comparison
from suite.compare.marks import counted
from suite.compare.packs import labels
from suite.compare.runs import RunChange
from suite.compare.side import Side
from suite.judge.values import Judgement
from suite.plain import finite

FORMAT = 1


def as_json(found: Comparison) -> dict[str, object]:
    """An object whose keys docs/compare.md explains."""
    before, after = labels(found)
    return {
        "format": FORMAT,
        "before": _side(found.before, before),
        "after": _side(found.after, after),
        "scale": found.scale,
        "runs": counted(run.mark for run in found.runs),
        "claims": [_claim(claim) for claim in found.claims],
        "changed_runs": [_run(run) for run in found.runs if run.mark != "identical"],
        "silent": found.silent,
        "left_over": found.left_over,
    }


def _side(side: Side, label: str) -> dict[str, object]:
    problems = [
        {"path": str(each.path), "fault": each.flaw.fault, "why": each.flaw.why} for each in side.problems
    ]
    return {"name": side.name, "label": label, "revision": side.revision, "problems": problems}


def _claim(claim: ClaimChange) -> dict[str, object]:
    return {
        "id": f"{claim.study.experiment.id}:{claim.name}",
        "variant": claim.study.variant,
        "mark": claim.mark,
        "attribution": _reasons(claim.reasons),
        "note": claim.note,
        "before": _judgement(claim.before),
        "after": _judgement(claim.after),
        "shift": _shift(claim),
    }


def _shift(claim: ClaimChange) -> dict[str, object] | None:
    if claim.shift is None:
        return None
    interval = claim.shift.interval
    return {
        "estimate": finite(interval.estimate),
        "low": finite(interval.low),
        "high": finite(interval.high),
        "n": interval.n,
        "smallest": finite(claim.shift.smallest),
        "p": claim.shift.p,
        "p_corrected": claim.p,
    }


def _judgement(judgement: Judgement) -> dict[str, object]:
    return {
        "verdict": judgement.verdict,
        "estimate": finite(judgement.estimate),
        "low": finite(judgement.low),
        "high": finite(judgement.high),
        "n": judgement.n,
    }


def _run(run: RunChange) -> dict[str, object]:
    apart = run.deviation
    return {
        "id": run.id,
        "experiment": run.experiment,
        "arm": run.arm,
        "mark": run.mark,
        "attribution": _reasons(run.reasons),
        "note": run.note,
        "deviation": None
        if apart is None
        else {
            "largest": finite(apart.largest),
            "quantity": apart.quantity,
            "at": apart.at,
            "first": apart.first,
            "first_quantity": apart.first_quantity,
        },
    }


def _reasons(reasons: Sequence[Reason]) -> list[dict[str, object]]:
    return [{"cause": reason.cause, "what": list(reason.what)} for reason in reasons]
