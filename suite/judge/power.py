"""The power of a claim, known before anything runs.

Looked up in a committed table (``python -m suite.judge.power`` writes it again) or, for other
looks, simulated. Looking up needs neither NumPy nor SciPy.
"""

from functools import cache
from math import comb
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from suite.judge.levels import level
from suite.spec.claim_checks import RATES
from suite.spec.schema import Claim

TABLE = Path(__file__).with_name("power_table.json")
LOOKS = (
    (4,), (5,), (6,), (8,), (10,), (12,),
    (6, 12), (5, 10), (8, 16), (10, 20),
    (5, 10, 20), (6, 12, 24),
)  # fmt: skip
FINEST = 0.05
FARTHEST = 6.0
ENOUGH = 0.8

Family = Literal["one", "two", "one banded", "two banded"]
"""How many arms a test compares; banded: an equivalence's two one-sided tests."""
FAMILIES: tuple[Family, ...] = ("one", "two", "one banded", "two banded")


class Power(Struct, frozen=True):
    """Probability of 'reproduced' within the declared looks, seeds being normal, at the true
    distance d = (effect - margin) / sd of 1, 1.5, 2 and 3; of an equivalence, d = margin / sd
    with the effect at the centre of the band.
    """

    d1: float
    d15: float
    d2: float
    d3: float
    detectable: float | None
    """Smallest d, to 0.05, with a power of at least 0.8; None where none up to 6 has it."""


class RatePower(Struct, frozen=True):
    """Exact probability of 'reproduced' within the declared looks, of a rate."""

    at_best: float
    """Where the true rate is 1 (0 for a claim of a low rate)."""
    at_margin: float
    """Where the true rate is the margin: the chance of a false 'reproduced'."""
    best_bound: float
    """The end of the interval toward the margin when all seeds of the last look agree."""


def power(claim: Claim) -> Power | RatePower | None:
    """Power of the claim; None for an identity, which is not a test, and for the best of several draws,
    whose spread has no law known beforehand. Of a paired rate, where the draws are all unlike.
    """
    if claim.kind in ("identity", "best_of"):
        return None
    if claim.kind in RATES:
        return _rate_power(claim)
    name, looks = _family(claim), claim.looks
    return _table().get(name, {}).get(_key(looks)) or simulated(name, looks)


def detectable(claim: Claim) -> float | None:
    """Smallest true distance from the margin, in sd, that is found with a power of 0.8."""
    found = power(claim)
    return found.detectable if isinstance(found, Power) else None


@cache
def simulated(family: Family, looks: tuple[int, ...]) -> Power:
    """Power by simulation: 20,000 draws from a fixed seed."""
    from suite.judge.simulate import interval_ends, share_reproduced

    ends, banded = interval_ends(1 if family.startswith("one") else 2, looks), family.endswith("banded")
    grid = [round(FINEST * step, 2) for step in range(1, round(FARTHEST / FINEST) + 1)]
    enough = next((d for d in grid if share_reproduced(ends, d, banded) >= ENOUGH), None)
    d1, d15, d2, d3 = (round(share_reproduced(ends, d, banded), 3) for d in (1.0, 1.5, 2.0, 3.0))
    return Power(d1, d15, d2, d3, enough)


def _family(claim: Claim) -> Family:
    if claim.kind == "equivalence":
        return "one banded" if claim.versus is None else "two banded"
    return "two" if claim.kind == "ordering" else "one"


def _rate_power(claim: Claim) -> RatePower:
    above, alpha = claim.better == "higher", level(claim.looks)
    # A low rate of success is a high rate of failure.
    margin = claim.margin if above else 1 - claim.margin
    bound = alpha ** (1 / claim.looks[-1])
    return RatePower(
        at_best=_rate_reproduced(claim.looks, margin, 1.0),
        at_margin=_rate_reproduced(claim.looks, margin, margin),
        best_bound=bound if above else 1 - bound,
    )


@cache
def _rate_reproduced(looks: tuple[int, ...], margin: float, true: float) -> float:
    """Sum over the looks of P(the rate is found above ``margin`` first at this look)."""
    undecided, seen, reproduced = {0: 1.0}, 0, 0.0
    for n in looks:
        undecided, seen = _grown(undecided, n - seen, true), n
        for successes in list(undecided):
            if _tail(successes, n, margin) < level(looks):
                reproduced += undecided.pop(successes)
            elif _tail(n - successes, n, 1 - margin) < level(looks):
                undecided.pop(successes)
    return reproduced


def _grown(successes: dict[int, float], more: int, rate: float) -> dict[int, float]:
    grown: dict[int, float] = {}
    for before, chance in successes.items():
        for new in range(more + 1):
            grown[before + new] = grown.get(before + new, 0.0) + chance * _mass(new, more, rate)
    return grown


def _tail(successes: int, n: int, rate: float) -> float:
    return sum(_mass(s, n, rate) for s in range(successes, n + 1))


def _mass(successes: int, n: int, rate: float) -> float:
    return comb(n, successes) * rate**successes * (1 - rate) ** (n - successes)


@cache
def _table() -> dict[str, dict[str, Power]]:
    return msgspec.json.decode(TABLE.read_bytes(), type=dict[str, dict[str, Power]])


def _key(looks: tuple[int, ...]) -> str:
    return ",".join(map(str, looks))


def main() -> None:
    """Write the table again."""
    table = {family: {_key(looks): simulated(family, looks) for looks in LOOKS} for family in FAMILIES}
    TABLE.write_bytes(msgspec.json.format(msgspec.json.encode(table), indent=1) + b"\n")


if __name__ == "__main__":
    main()
