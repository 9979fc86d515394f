"""Whether a claim's own test behaves on a case whose outcome is known."""

from typing import Literal

from suite.judge.values import Judgement

ControlState = Literal["as expected", "not as expected", "not evaluated"]


def control_state(expect: Literal["holds", "fails"], judgement: Judgement) -> ControlState:
    """State of a control from its own judgement.

    A positive control (``holds``) must be reproduced; a null control (``fails``) must not be,
    so refuted and inconclusive both do.
    """
    if judgement.verdict == "not evaluated":
        return "not evaluated"
    reproduced = judgement.verdict == "reproduced"
    return "as expected" if reproduced == (expect == "holds") else "not as expected"
