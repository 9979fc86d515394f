"""The level of each look."""

ALPHA = {1: 0.05, 2: 0.03, 3: 0.022}
"""One-sided level of each look, by the number of declared looks.

Pocock's constants for an overall 0.05 (Biometrika 64, 1977) are 0.0304 and 0.0232 for two and
three equally spaced looks; they are rounded down because looks that double are less alike. Two
arms without a difference are then called reproduced in 4.3 % of cases at (6, 12) and in 4.6 %
at (5, 10, 20), by simulation of the exact test. `validate` refuses looks for which they
would not hold.
"""


def level(looks: tuple[int, ...]) -> float:
    """One-sided level of each of the declared ``looks`` (seeds per arm, ascending)."""
    return ALPHA[len(looks)]
