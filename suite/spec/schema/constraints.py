"""What keeps a critic Lipschitz."""

from typing import Literal

from suite.spec.schema.frozen import Kind
from suite.spec.schema.packs import PackConstraint
from suite.spec.schema.words import NonNegative, Positive


class Unconstrained(Kind, tag="none"):
    """No Lipschitz constraint."""


class Clip(Kind, tag="clip"):
    """Every critic parameter clamped to [-bound, bound] after each critic step (Algorithm 1)."""

    bound: Positive


class GradientPenalty(Kind, tag="gradient_penalty"):
    """weight * mean (|grad D(x)| - 1)^2 on interpolates; one-sided counts norms above 1 only."""

    weight: NonNegative = 10.0
    sided: Literal["two", "one"] = "two"


Constraint = Unconstrained | Clip | GradientPenalty | PackConstraint
