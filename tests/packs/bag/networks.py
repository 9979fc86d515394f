"""Networks: the suite's own perceptron, of a pack's making."""

from suite.networks.mlp import MLP


def generator(latent, shape, width):
    (dimension,) = shape
    return MLP((latent, width, dimension), "tanh", "none")


def critic(shape, layers, width):
    (dimension,) = shape
    return MLP((dimension, *[width] * (layers - 1), 1), "relu", "none")
