"""Correction over the several claims of one paper."""

from collections.abc import Mapping

from suite.judge.levels import ALPHA
from suite.judge.values import Judgement


def overall_p(judgement: Judgement) -> float | None:
    """The p-value in units of the overall level 0.05, whatever the number of looks.

    A look at level 0.03 turns p = 0.03 into 0.05, so that claims of different looks can be
    corrected together. None where there is no p-value.
    """
    if judgement.p is None or judgement.alpha is None:
        return None
    return min(1.0, judgement.p * ALPHA[1] / judgement.alpha)


def holm(p_values: Mapping[str, float], alpha: float = 0.05) -> frozenset[str]:
    """Names whose hypothesis Holm's step-down procedure (1979) rejects.

    With every claim's ``overall_p`` this holds the chance of any false 'reproduced' to ``alpha``.
    """
    rejected: set[str] = set()
    for step, name in enumerate(sorted(p_values, key=p_values.__getitem__)):
        if p_values[name] > alpha / (len(p_values) - step):
            break
        rejected.add(name)
    return frozenset(rejected)
