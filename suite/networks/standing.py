"""Standing statistics: batch normalisation by the moments of many batches of noise (BigGAN, Section 4).

Each normalisation asks its ``Share`` for two means over the batch: of its input, and of the square of what
is left without that. Here they are written down in that order while batches pass, and then
answered in the place of any batch's own.
"""

from collections.abc import Callable, Sequence
from itertools import cycle, pairwise

import torch
from torch import Tensor

from suite.networks.network import Share


def standing(passes: Sequence[Callable[[Share], object]]) -> Share:
    """What answers every normalisation with its moments over all batches together.

    Each of ``passes`` sends one batch, all of one size, through the network with the share it is given. The
    answers are for whole passes, as many as there will be.
    """
    found = [_heard(each) for each in passes]
    moments = [torch.stack(of_one) for of_one in zip(*found, strict=True)]
    if not moments:
        return lambda mean: mean
    left = cycle(_over_all(moments))
    return lambda _: next(left)


def _heard(one: Callable[[Share], object]) -> list[Tensor]:
    """The means that normalisations ask for while a batch passes."""
    heard: list[Tensor] = []

    def share(mean: Tensor) -> Tensor:
        heard.append(mean)
        return mean

    one(share)
    return heard


def _over_all(moments: Sequence[Tensor]) -> list[Tensor]:
    """Mean and variance in turn, of all batches: the mean variance within one, and that of their means."""
    made: list[Tensor] = []
    for means, variances in list(pairwise(moments))[::2]:
        made += [means.mean(0), variances.mean(0) + means.var(0, correction=0)]
    return made
