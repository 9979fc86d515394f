"""The level of each look, and what a claim must declare to be judged."""

from suite.errors import UserError
from suite.spec.schema import Claim

ALPHA = {1: 0.05, 2: 0.03, 3: 0.022}
"""One-sided level of each look, by the number of declared looks.

Pocock's constants for an overall 0.05 (Biometrika 64, 1977) are 0.0304 and 0.0232 for two and
three equally spaced looks; they are rounded down because looks that double are less alike. Two
arms without a difference are then called reproduced in 4.3 % of cases at (6, 12) and in 4.6 %
at (5, 10, 20), by simulation of the exact test.
"""

DIRECTED = ("ordering", "threshold", "trend", "rate", "paired_rate", "best_of")
COMPARING = ("ordering", "paired_rate", "best_of")
RATES = ("rate", "paired_rate")


def level(looks: tuple[int, ...]) -> float:
    """One-sided level of each of the declared ``looks`` (seeds per arm, ascending).

    Raises UserError where the looks do not ascend or are more than three.
    """
    if len(looks) not in ALPHA:
        raise UserError(f"looks {list(looks)}: {len(looks)} are declared; declare 1, 2 or 3 looks")
    if list(looks) != sorted(set(looks)):
        raise UserError(f"looks {list(looks)}: the seeds per arm must rise from look to look, as in [6, 12]")
    return ALPHA[len(looks)]


def check(claim: Claim) -> None:
    """Raise UserError where the claim lacks what its kind is judged by."""
    for wrong, cure in (
        (claim.kind in DIRECTED and claim.better is None, "give 'better': higher or lower"),
        (claim.kind in COMPARING and claim.versus is None, "give 'versus': the arm compared with"),
        (claim.kind in RATES and claim.cut is None, "give 'cut': the value a success is beyond"),
        (claim.kind in RATES and not 0 <= claim.margin <= 1, "give a 'margin' from 0 to 1, a rate"),
        (claim.kind == "best_of" and claim.tries is None, "give 'tries': the draws to pick the best from"),
        (claim.kind == "equivalence" and claim.margin <= 0, "give a 'margin' above 0, half the band's width"),
        (claim.kind == "identity" and claim.margin < 0, "give a 'margin' of at least 0, the tolerance"),
    ):
        if wrong:
            raise UserError(f"claim '{claim.says}' of kind {claim.kind}: {cure}")
