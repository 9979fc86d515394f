"""Gradient of the generator's loss, in two ways that agree.

``by_autograd`` takes any networks. ``written_out`` is for a perceptron of straight pieces that learns
from another.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from suite.networks.generators import GeneratorNetwork
from suite.networks.mlp import MLP
from suite.networks.network import Network
from suite.networks.products import is_cast
from suite.networks.tape import Rows, Tape, tapes_of
from suite.objectives.auxiliary import Told, of_generator
from suite.objectives.gradient import is_straight
from suite.objectives.losses import generator_loss, generator_slope, generator_terms
from suite.spec import schema
from suite.spec.schema import Loss


class Feed(NamedTuple):
    """What a generator is fed, [replicas, batch, ...]: noise, and the real batch that some add to."""

    noise: Tensor
    real: Tensor
    blur: Tensor
    """Added to what it makes; of no columns where there is none."""
    told: Told | None = None

    def of(self, tape: Tape) -> "Feed":
        """That of the replicas of a tape, which are told nothing."""
        return Feed(tape.of(self.noise), tape.of(self.real), tape.of(self.blur))


def blurred(made: Tensor, blur: Tensor) -> Tensor:
    """Generated data as a critic sees them: with the noise that is added to them, where there is any."""
    return made + blur if blur.shape[-1] else made


class GeneratorGradient(NamedTuple):
    """One gradient of the generator: ``flat`` is [replicas, parameters], which the next one may overwrite;
    ``losses`` are each sample's part in the loss, which is their mean, [replicas, batch], or [replicas, 1]
    where only that is known.
    """

    flat: Tensor
    losses: Tensor


def generator_gradient(
    critic: Network, judging: Tensor, generator: GeneratorNetwork, flat: Tensor, name: Loss, feed: Feed
) -> GeneratorGradient:
    """The gradient of generators with parameters ``flat`` by critics with parameters ``judging``, both
    [replicas, parameters], the fastest way there is.
    """
    network = generator.network
    plain = feed.told is None and is_bare(generator.spec) and not is_cast(flat.device)
    if plain and is_straight(critic) and is_straight(network):
        return written_out(critic, judging, network, flat, name, feed)
    return by_autograd(critic, judging, generator, flat, name, feed)


def is_bare(spec: schema.Generator) -> bool:
    """Whether a generator's output is that of a perceptron that is told nothing."""
    return isinstance(spec, schema.MLPGenerator) and spec.output == "linear" and spec.labels == "none"


def by_autograd(
    critic: Network, judging: Tensor, generator: GeneratorNetwork, flat: Tensor, name: Loss, feed: Feed
) -> GeneratorGradient:
    """The reference."""
    tensors = [t.detach().requires_grad_() for t in generator.split(flat)]
    labels = None if feed.told is None else feed.told.labels
    fake = blurred(generator.generate(tensors, feed.noise, feed.real, labels), feed.blur)
    scores, classes = critic.heads(critic.split(judging), fake, labels)
    loss = of_generator(generator_loss(name, scores), feed.told, classes)
    grads = torch.autograd.grad(loss.sum(), tensors, allow_unused=True, materialize_grads=True)
    return GeneratorGradient(torch.cat([g.flatten(1) for g in grads], dim=1), loss.detach().unsqueeze(1))


def written_out(
    critic: MLP, judging: Tensor, network: MLP, flat: Tensor, name: Loss, feed: Feed
) -> GeneratorGradient:
    """The same for perceptrons of straight pieces."""
    batch = feed.noise.shape[1]
    makers = tapes_of(network, flat, Rows(batch, parts=1, points=1), (critic, batch))
    judges = tapes_of(critic, judging, Rows(batch, parts=1, points=0), (network, batch))
    both = zip(makers.each, judges.each, strict=True)
    losses = [_on_tapes(maker, judge, name, feed.of(maker)) for maker, judge in both]
    return GeneratorGradient(makers.gradient, losses[0] if len(losses) == 1 else torch.cat(losses))


def _on_tapes(maker: Tape, judge: Tape, name: Loss, feed: Feed) -> Tensor:
    """The losses: forward through both, back through the critic to its input, and back through the
    generator, whose gradient is written where its tape says.
    """
    makers, judges = maker.rooms, judge.rooms
    makers.inputs.copy_(feed.noise)
    maker.forward()
    judges.inputs.copy_(blurred(makers.outputs.transpose(1, 2), feed.blur))
    judge.forward()
    losses, slope = generator_terms(name, judges.scores[0]), generator_slope(name, judges.scores[0])
    place = judges.by_scores[0]
    place.copy_(slope) if isinstance(slope, Tensor) else place.fill_(slope)
    judge.back()
    makers.seeds.copy_(judge.by_input())
    maker.back()
    maker.finish()
    return losses
