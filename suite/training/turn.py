"""What goes into an iteration, and what comes out of it."""

from typing import NamedTuple

from torch import Tensor

from suite.objectives.gradient import CriticGradient
from suite.training.draws import Draws


class Turn(NamedTuple):
    """The draws of an iteration: of all its critic steps, and of its generator step, where it has one."""

    critic: Draws
    generator: Draws | None

    @property
    def tensors(self) -> list[Tensor]:
        """All that differs from iteration to iteration."""
        return [*self.critic, *(self.generator or ())]

    def clone(self) -> "Turn":
        """The same in memory of its own."""
        generator = None if self.generator is None else Draws(*(each.clone() for each in self.generator))
        return Turn(Draws(*(each.clone() for each in self.critic)), generator)


class Move(NamedTuple):
    """One critic step: its gradient, which the next one overwrites, and the step before any clipping,
    where a probe looks at it.
    """

    gradient: CriticGradient
    step: Tensor | None


class Shown(NamedTuple):
    """What an iteration has shown: its last critic step, and the generator's losses, as ``GeneratorGradient``
    has them, where it is trained.
    """

    move: Move
    generator: Tensor | None

    def kept(self) -> "Shown":
        """The same, with losses that the next iteration does not overwrite."""
        gradient = self.move.gradient
        gradient = gradient._replace(losses=gradient.losses.clone(), estimates=gradient.estimates.clone())
        losses = None if self.generator is None else self.generator.clone()
        return Shown(self.move._replace(gradient=gradient), losses)
