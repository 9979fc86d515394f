"""Self-attention over the places of a picture (Zhang et al. 2018, SAGAN)."""

from torch import Tensor

from suite.networks.products import product


def attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """For each place the mean of the values, weighted by softmax(query . key).

    All are pictures [replicas, batch, height, width, channels]; of keys and values, the largest of each
    square of 2 x 2 counts. Not scaled by the number of channels, as in SAGAN's code.
    """
    replicas, batch, height, width, _ = query.shape
    keys, values = (_places(_pooled(each)) for each in (key, value))
    weights = product(_places(query), keys.transpose(1, 2)).softmax(2)
    return product(weights, values).view(replicas, batch, height, width, -1)


def _places(x: Tensor) -> Tensor:
    """Places as rows, [replicas * batch, height * width, channels]."""
    return x.flatten(2, 3).flatten(0, 1)


def _pooled(x: Tensor) -> Tensor:
    replicas, batch, height, width, channels = x.shape
    return x.reshape(replicas, batch, height // 2, 2, width // 2, 2, channels).amax((3, 5))
