"""Batched perceptrons against torch.nn."""

import numpy as np
import pytest
import torch

from suite.networks.mlp import LEAK, MLP
from suite.spec import schema
from suite.streams import stream

ACTIVATIONS = {
    "relu": torch.nn.ReLU(),
    "leaky_relu": torch.nn.LeakyReLU(LEAK),
    "tanh": torch.nn.Tanh(),
    "elu": torch.nn.ELU(),
}


def modules(network: MLP, flat: torch.Tensor) -> torch.nn.Sequential:
    """The same network of one replica made of torch.nn modules."""
    made: list[torch.nn.Module] = []
    for index, layer in enumerate(network.layers(network.split(flat))):
        linear = torch.nn.Linear(*layer.weight.shape[1:], dtype=flat.dtype)
        linear.weight.data, linear.bias.data = layer.weight[0].T.clone(), layer.bias[0, 0].clone()
        made.append(linear)
        if layer.gain is not None:
            width = layer.gain.shape[-1]
            kind = torch.nn.BatchNorm1d if network.normalization == "batch" else torch.nn.LayerNorm
            norm = kind(width, dtype=flat.dtype)
            norm.weight.data, norm.bias.data = layer.gain[0, 0].clone(), layer.shift[0, 0].clone()
            made.append(norm)
        if index < len(network.sizes) - 2:
            made.append(ACTIVATIONS[network.activation])
    return torch.nn.Sequential(*made)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
@pytest.mark.parametrize("sizes", [(2, 1), (2, 6, 1), (3, 6, 6, 2)])
def test_forward_is_that_of_torch_modules(activation: str, normalization: str, sizes) -> None:
    network = MLP(sizes, activation, normalization)
    generator = torch.Generator().manual_seed(1)
    flat = torch.randn(3, network.parameters, generator=generator, dtype=torch.float64)
    x = torch.randn(3, 9, sizes[0], generator=generator, dtype=torch.float64)
    found = network.forward(network.layers(network.split(flat)), x)[-1]
    for replica in range(3):
        expected = modules(network, flat[replica : replica + 1])(x[replica])
        expected = expected[:, 0] if sizes[-1] == 1 else expected
        torch.testing.assert_close(found[replica], expected)


def test_the_papers_softplus_is_near_elu_and_smooth() -> None:
    network = MLP((1, 1), "softplus", "none")
    x = torch.tensor([-20.0, 0.0, 20.0], dtype=torch.float64)
    expected = torch.tensor([-1.0, 0.5 * np.log(1 + np.exp(2)) - 1, 20.0], dtype=torch.float64)
    torch.testing.assert_close(network.activate(x), expected)


@pytest.mark.parametrize(
    ("how", "largest", "deviation"),
    [
        (schema.DefaultInit(), 1 / 8, 1 / 8 / 3**0.5),
        (schema.HeInit(), (6 / 64) ** 0.5, (2 / 64) ** 0.5),
        (schema.UniformInit(bound=0.05), 0.05, 0.05 / 3**0.5),
        (schema.NormalInit(deviation=0.02), 0.15, 0.02),
        (schema.SignInit(bound=0.25), 0.25, 0.25),
    ],
)
def test_hidden_weights_start_as_asked(how, largest: float, deviation: float) -> None:
    network = MLP((2, 64, 64, 1), "relu", "none")
    flat = torch.from_numpy(network.initialize(how, stream("test", "init")))[None]
    hidden = network.layers(network.split(flat))[1]
    assert hidden.weight.abs().max() <= largest * (1 + 1e-6)
    assert float(hidden.weight.std()) == pytest.approx(deviation, rel=0.05)
    if not isinstance(how, schema.DefaultInit | schema.UniformInit):
        assert not hidden.bias.any()


def test_norm_layers_start_as_the_identity() -> None:
    network = MLP((2, 4, 4, 1), "relu", "layer")
    flat = torch.from_numpy(network.initialize(schema.DefaultInit(), stream("test", "init")))[None]
    for layer in network.layers(network.split(flat))[:-1]:
        assert layer.gain is not None
        assert torch.equal(layer.gain, torch.ones(1, 1, 4))
        assert layer.shift is not None
        assert not layer.shift.any()


def test_parameters_are_counted() -> None:
    assert MLP((2, 512, 512, 1), "relu", "none").parameters == 2 * 512 + 512 + 512 * 512 + 512 + 512 + 1
