"""What a pack brings, as an experiment file uses it: ``pack/name``, and its options.

A value holds the name alone, not the pack's code: records are read whether or not the pack is there.
"""

from typing import Annotated, Final

from msgspec import Meta

from suite.spec.schema.frozen import Frozen, Kind
from suite.spec.schema.initializations import DefaultInit, Initialization
from suite.spec.schema.words import Count, CountOrZero, FactorValue, Key

USE: Final = r"^[a-z0-9]+(-[a-z0-9]+)*/[a-z][a-z0-9_]*$"
Use = Annotated[
    str,
    Meta(
        pattern=USE,
        max_length=80,
        description="what a pack brings, as pack/name, for example spectral-normalization/orthonormal",
    ),
]
Option = FactorValue | bool | tuple[float, ...]
Options = dict[Key, Option]
"""What is not given is as the pack declares it."""


class Packed(Kind):
    """Base of the kinds that a pack brings."""

    use: Use
    """Whose it is, and what it is called there."""
    options: Options = {}
    """What is to be other than the pack declares it."""

    def __hash__(self) -> int:
        """Options have none of their own, and settings are looked up by theirs."""
        return hash((type(self), self.use, frozenset(self.options.items())))


class PackData(Packed, tag="pack"):
    """Points of a distribution that a pack brings."""


class PackGenerator(Packed, tag="pack"):
    """A generator that a pack brings, from N(0, I) noise to data."""

    latent: Count = 2
    initialization: Initialization = DefaultInit()


class PackCritic(Packed, tag="pack"):
    """A critic or discriminator that a pack brings."""

    initialization: Initialization = DefaultInit()


class PackLoss(Packed, tag="pack"):
    """What critic and generator minimise, by a pack."""


class PackConstraint(Packed, tag="pack"):
    """What keeps a critic Lipschitz, by a pack: a term of its loss, a projection after each step, or both."""


class PackProbe(Frozen):
    """A probe that a pack brings."""

    points: CountOrZero = 10
    samples: Count = 256
    options: Options = {}
    """What is to be other than the pack declares it."""

    def __hash__(self) -> int:
        """See ``Packed``."""
        return hash((self.points, self.samples, frozenset(self.options.items())))
