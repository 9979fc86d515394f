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
    """The largest absolute value of a parameter."""


class GradientPenalty(Kind, tag="gradient_penalty"):
    """weight * mean (|grad D(x)| - 1)^2 on interpolates; one-sided counts norms above 1 only."""

    weight: NonNegative = 10.0
    """Lambda."""
    sided: Literal["two", "one"] = "two"
    """``two``: norms below 1 cost as well."""


class R1(Kind, tag="r1"):
    """weight / 2 * mean |grad D(x)|^2 on real data (Mescheder et al. 2018)."""

    weight: NonNegative = 10.0
    """Gamma."""


Constraint = Unconstrained | Clip | GradientPenalty | R1 | PackConstraint
