"""Claims, and two versions' numbers of them."""

from typing import Any

from suite.compare.seeds import Shared
from suite.judge.values import Sample, Seeds
from suite.spec.schema import Claim


def claim(kind: str = "threshold", **fields: Any) -> Claim:
    """A claim of some kind that higher is better."""
    needs: dict[str, Any] = {
        "ordering": {"versus": "b"},
        "rate": {"cut": 0.0, "margin": 0.5},
        "paired_rate": {"versus": "b", "over": "draw", "cut": 0.0, "margin": 0.5},
        "equivalence": {"margin": 1.0, "better": None},
        "identity": {"margin": 1.0, "better": None},
    }
    given = {"says": "", "kind": kind, "metric": "loss", "arm": "a", "better": "higher", "looks": (6, 12)}
    return Claim(**{**given, **needs.get(kind, {}), **fields})


def seen(before: Seeds, after: Seeds, versus: tuple[Seeds, Seeds] | None = None) -> Shared:
    """Two versions' seeds, from 10 on."""
    old = Sample(before, versus[0] if versus else None)
    return Shared(tuple(range(10, 10 + len(before))), old, Sample(after, versus[1] if versus else None))
