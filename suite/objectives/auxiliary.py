"""The auxiliary classifier's part of the losses (AC-GAN: Odena et al. 2017)."""

from typing import NamedTuple

import torch
from torch import Tensor

from suite.networks.mlp import one_hot
from suite.spec import schema


class Told(NamedTuple):
    """What networks are told of a batch: labels [replicas, batch] of the real and of the generated
    samples alike, and the weights of an auxiliary output's loss.
    """

    labels: Tensor
    auxiliary: schema.Auxiliary


def cross_entropy(scores: Tensor, labels: Tensor) -> Tensor:
    """Mean -log probability of the labels [replicas, batch] by scores [replicas, batch, classes], one
    number a replica.
    """
    top = scores.amax(2, keepdim=True).detach()
    total = (scores - top).exp().sum(2).log() + top[..., 0]
    own = (scores * one_hot(labels, scores.shape[2], scores.dtype)).sum(2)
    return (total - own).mean(1)


def of_critic(loss: Tensor, told: Told | None, on_real: Tensor, on_fake: Tensor) -> Tensor:
    """The critic's loss with its auxiliary part, given the scores of the classes."""
    if told is None or not on_real.shape[2]:
        return loss
    weights, real = told.auxiliary, cross_entropy(on_real, told.labels)
    fake = cross_entropy(on_fake, told.labels) if weights.on_fakes else torch.zeros_like(real)
    return loss + weights.critic * (real + fake)


def of_generator(loss: Tensor, told: Told | None, on_fake: Tensor) -> Tensor:
    """The generator's loss with its auxiliary part."""
    if told is None or not on_fake.shape[2]:
        return loss
    return loss + told.auxiliary.generator * cross_entropy(on_fake, told.labels)
