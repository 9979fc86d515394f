"""Normalisation of activations, with a gain and a shift."""

import torch
from torch import Tensor

from suite.networks.network import Share, whole

EPS = 1e-5


def normalize(x: Tensor, gain: Tensor, shift: Tensor, over: tuple[int, ...], share: Share = whole) -> Tensor:
    """``x`` less its mean and divided by its standard deviation over the dimensions ``over``, times
    ``gain`` and plus ``shift``.

    ``share`` makes means of the whole batch from those of the part that ``x`` is.
    """
    # torch.var_mean is a few times slower over these dimensions.
    centred = x - share(x.mean(over, keepdim=True))
    variance = share(centred.square().mean(over, keepdim=True))
    return centred * (torch.rsqrt(variance + EPS) * gain) + shift
