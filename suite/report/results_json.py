"""The verdicts for a machine: the object that ``report --json`` prints.

Keys are only ever added; ``format`` rises where the meaning of one changes. Numbers that are
infinite or were not measured are null.
"""

from collections.abc import Sequence

from suite.judge.assess import ClaimResult
from suite.plain import finite
from suite.report import words

FORMAT = 1


def report_json(results: Sequence[ClaimResult]) -> dict[str, object]:
    """``format``, and ``claims``: a list of objects whose keys docs/json.md explains."""
    return {"format": FORMAT, "claims": claim_objects(results)}


def claim_objects(results: Sequence[ClaimResult]) -> list[dict[str, object]]:
    """The ``claims`` of ``report_json``."""
    return [_claim(result) for result in results]


def _claim(result: ClaimResult) -> dict[str, object]:
    study, judgement = result.study, result.judgement
    return {
        "id": result.id,
        "experiment": study.experiment.id,
        "variant": study.variant,
        "paper": study.paper.id,
        "scale": study.scale,
        "kind": result.claim.kind,
        "says": result.claim.says,
        "verdict": judgement.verdict,
        "reason": judgement.reason,
        "estimate": finite(judgement.estimate),
        "low": finite(judgement.low),
        "high": finite(judgement.high),
        "n": judgement.n,
        "margin": finite(judgement.margin),
        "required": words.margin(result.claim),
        "criterion": result.criterion,
        "post_hoc": result.post_hoc,
        "controls": {
            each.name: {
                "expect": each.control.expect,
                "verdict": each.judgement.verdict,
                "state": each.state,
            }
            for each in result.controls
        },
        "runs": list(result.run_ids),
    }
