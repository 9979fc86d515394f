"""Constraints that packs bring, tried out before they confine anything, on batches that they would see.

With two critics, one of which has other company the second time: as trained, and far from where training
begins, since a limit may be out of reach of first weights.
"""

from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from suite.errors import UserError
from suite.launch.placed import placed
from suite.launch.trial import compare, draws_of_three
from suite.networks import generators
from suite.networks.network import Network
from suite.objectives.constraint import Constraint, Seen, with_penalty
from suite.objectives.generator import blurred
from suite.objectives.gradient import CriticGradient
from suite.spec import schema
from suite.spec.packs.code import code
from suite.spec.packs.faulty import about
from suite.streams import stream
from suite.training.cohort import Cohort
from suite.training.draws import Draws

SCALES = (1.0, 100.0)
"""By how much the weights of what keeps others company are larger than a first critic's."""
IN_PLACE = "write flat.clamp_(-1, 1), say, and not flat.clamp(-1, 1): what is given is not looked at"


class Tried(NamedTuple):
    """A constraint and the critics that it is tried with."""

    use: str
    rule: Constraint
    critic: Network

    def penalty(self, flat: Tensor, seen: Seen, pair: list[int]) -> Tensor:
        """What it adds to the losses of a pair of critics [2], and to their gradients [2, parameters].
        UserError where the pack gives something else.
        """
        chosen = flat[pair]
        none = CriticGradient(torch.zeros_like(chosen), chosen.new_zeros(2, 1), chosen.new_zeros(2, 1))
        found = with_penalty(self.use, self.rule, self.critic, chosen, _of(pair, seen), none)
        return torch.cat([found.losses, found.flat], dim=1)

    def project(self, flat: Tensor, pair: list[int]) -> Tensor:
        """Where it puts a pair of critics. UserError where it gives something instead."""
        chosen = flat[pair]
        found: object = self.rule.project(self.critic, chosen)  # type: ignore[func-returns-value]
        if found is not None and found is not chosen:  # As what is done in place gives.
            raise UserError(
                f"{about('constraints', self.use)}: project gave {_kind(found)}, "
                f"but must change flat in place and give nothing\n    {IN_PLACE}"
            )
        return chosen


def try_constraint(cohort: Cohort) -> None:
    """UserError for a pack's constraint that gives something else than it must, draws random numbers, or
    mixes replicas; with the place where it is made.
    """
    spec = cohort.setting.constraint
    if not isinstance(spec, schema.PackConstraint):
        return
    draws = draws_of_three(cohort)
    with placed("constraints", spec.use, f"tried with samples of shape {[2, *draws.real.shape[1:]]}"):
        # One of its own: what it may keep of a trial is not there in training.
        tried = Tried(spec.use, code("constraints", spec.use, spec.options)(), cohort.critic)
        seen = _seen(cohort, draws)
        for scale in SCALES:
            flat = _critics(cohort, scale)
            compare(f"{about('constraints', spec.use)}: penalty", partial(tried.penalty, flat, seen))
            compare(f"{about('constraints', spec.use)}: project", partial(tried.project, flat))


def _critics(cohort: Cohort, scale: float) -> Tensor:
    """Three, of which the last is larger [3, parameters]."""
    how, rng = cohort.setting.critic.initialization, stream("protocol", "trial")
    flat = torch.stack([torch.from_numpy(cohort.critic.initialize(how, rng)) for _ in range(3)])
    flat[2] *= scale
    flat = flat.to(cohort.device)
    cohort.critic.settle(flat)
    return flat


@torch.no_grad()
def _seen(cohort: Cohort, draws: Draws) -> Seen:
    """What three critics see."""
    names = [f"trial {number}" for number in range(3)]
    first = [torch.from_numpy(generators.initial(cohort.setting, name)) for name in names]
    tensors = cohort.generator.split(torch.stack(first).to(cohort.device))
    made = cohort.generator.generate(tensors, draws.noise, draws.real, draws.labels)
    return Seen(draws.real, blurred(made, draws.blur), draws.share, draws.normal, draws.labels)


def _of(pair: list[int], seen: Seen) -> Seen:
    labels = None if seen.labels is None else seen.labels[pair]
    return Seen(seen.real[pair], seen.fake[pair], seen.share[pair], seen.normal[pair], labels)


def _kind(value: object) -> str:
    return "a tensor" if isinstance(value, Tensor) else type(value).__name__
