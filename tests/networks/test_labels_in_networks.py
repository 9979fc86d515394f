"""How labels enter networks: against what each way means, written out."""

import pytest
import torch
from torch import Tensor

from suite.networks import blocks
from suite.networks.image import ImageNetwork
from suite.networks.mlp import MLP
from suite.spec import schema
from suite.spec.schema import CriticLabels

SHAPE = (8, 8, 1)
LABELS = torch.tensor([[0, 1, 2, 1, 0], [2, 2, 1, 0, 0]])


def weights(network: ImageNetwork | MLP, seed: int = 0) -> Tensor:
    rng = torch.Generator().manual_seed(seed)
    return 0.3 * torch.randn(2, network.parameters, generator=rng, dtype=torch.float64)


def draw(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def critic(labels: CriticLabels, **changes: object) -> ImageNetwork:
    spec = schema.DCGANCritic(width=2, bias=True, normalization="none", labels=labels, **changes)
    return ImageNetwork.of_critic(spec, SHAPE, 3)


def of_blocks(*made: blocks.Block) -> ImageNetwork:
    return ImageNetwork((blocks.Scale(1.0), *made, blocks.Flatten()))


def test_conditional_gain_is_one_plus_the_labels_row() -> None:
    """Batch normalisation, times 1 + g[y], plus s[y]."""
    network = of_blocks(blocks.Reshape(4, 3), blocks.Norm("batch", 3, classes=3, beyond_one=True))
    x, (gain, shift) = draw(2, 5, 48), network.split(weights(network))
    found = network.outputs([gain, shift], x, LABELS).view(2, 5, 4, 4, 3)
    pictures = x.view(2, 5, 4, 4, 3)
    mean = pictures.mean((1, 2, 3), keepdim=True)
    variance = pictures.var((1, 2, 3), correction=0, keepdim=True)
    for replica in range(2):
        rows = LABELS[replica]
        normal = (pictures - mean)[replica] / (variance[replica] + 1e-5).sqrt()
        expected = normal * (1 + gain[replica, rows])[:, None, None] + shift[replica, rows][:, None, None]
        torch.testing.assert_close(found[replica], expected)


def test_conditional_gain_starts_at_one() -> None:
    network = of_blocks(blocks.Reshape(4, 3), blocks.Norm("batch", 3, classes=3, beyond_one=True))
    plain = of_blocks(blocks.Reshape(4, 3), blocks.Norm("batch", 3))
    x = draw(2, 5, 48)
    zeros, ones = torch.zeros(2, 18).double(), torch.cat([torch.ones(2, 3), torch.zeros(2, 3)], 1).double()
    start = [parameter.role for parameter in blocks.tensors(network.blocks)]
    assert start == ["shift", "shift"], "both start at zero, whatever the initialisation"
    found = network.outputs(network.split(zeros), x, LABELS)
    torch.testing.assert_close(found, plain.outputs(plain.split(ones), x))


def test_projection_adds_the_product_with_the_labels_row() -> None:
    network, plain = critic("projection"), critic("none")
    flat, x = weights(network), draw(2, 5, 64)
    *body, table = network.split(flat)
    assert table.shape == (2, 3, 32)
    features = ImageNetwork((*plain.blocks[:-1], blocks.Scale(1.0))).heads(body[:-2], x)
    phi = torch.cat([features[0][..., None], features[1]], dim=2)
    expected = plain.outputs(body, x) + torch.stack(
        [torch.stack([phi[r, i] @ table[r, LABELS[r, i]] for i in range(5)]) for r in range(2)]
    )
    torch.testing.assert_close(network.outputs(network.split(flat), x, LABELS), expected)


def test_projection_is_not_blind_to_the_label() -> None:
    network = critic("projection")
    tensors, x = network.split(weights(network)), draw(2, 5, 64)
    assert not torch.allclose(network.outputs(tensors, x, LABELS), network.outputs(tensors, x, 2 - LABELS))


def test_an_auxiliary_output_is_beside_the_critics() -> None:
    network, plain = critic("auxiliary"), critic("none")
    flat, x = weights(network), draw(2, 5, 64)
    outputs, scores = network.heads(network.split(flat), x)
    assert scores.shape == (2, 5, 3)
    torch.testing.assert_close(outputs, plain.outputs(plain.split(flat[:, : plain.parameters]), x))
    assert plain.heads(plain.split(flat[:, : plain.parameters]), x)[1].shape == (2, 5, 0)


def test_a_picture_is_joined_with_planes_of_zeros_and_ones() -> None:
    """What the joined network's first convolution sees is what a network of four channels would."""
    network = critic("concatenate")
    wide = ImageNetwork.of_critic(schema.DCGANCritic(width=2, bias=True, normalization="none"), (8, 8, 4))
    flat, x = weights(network), draw(2, 5, 64)
    assert network.parameters == wide.parameters
    planes = torch.nn.functional.one_hot(LABELS, 3).double()[:, :, None, None].expand(2, 5, 8, 8, 3)
    seen = torch.cat([x.view(2, 5, 8, 8, 1), planes], dim=4).flatten(2)
    expected = wide.outputs(wide.split(flat), seen)
    torch.testing.assert_close(network.outputs(network.split(flat), x, LABELS), expected)


def test_noise_is_joined_with_the_label() -> None:
    spec = schema.DCGANGenerator(width=2, latent=4, labels="concatenate")
    network = ImageNetwork.of_generator(spec, SHAPE, 3)
    wide = ImageNetwork.of_generator(schema.DCGANGenerator(width=2, latent=7), SHAPE)
    flat, noise = weights(network), draw(2, 5, 4)
    hot = torch.nn.functional.one_hot(LABELS, 3).double()
    expected = wide.outputs(wide.split(flat), torch.cat([noise, hot], dim=2))
    torch.testing.assert_close(network.outputs(network.split(flat), noise, LABELS), expected)


def test_a_perceptron_is_told_beside_its_inputs() -> None:
    told = MLP.of(schema.MLPCritic(layers=2, width=5, labels="concatenate"), 4, 1, 3)
    plain = MLP.of(schema.MLPCritic(layers=2, width=5), 7, 1, 3)
    flat, x = weights(told), draw(2, 5, 4)
    hot = torch.nn.functional.one_hot(LABELS, 3).double()
    expected = plain.outputs(plain.split(flat), torch.cat([x, hot], dim=2))
    torch.testing.assert_close(told.outputs(told.split(flat), x, LABELS), expected)
    with pytest.raises(ValueError, match="needs labels"):
        told.outputs(told.split(flat), x)


def test_without_labels_no_network_changes() -> None:
    for labels in ("none",):
        spec = schema.DCGANGenerator(width=2, latent=4, labels=labels)
        assert ImageNetwork.of_generator(spec, SHAPE, 3) == ImageNetwork.of_generator(spec, SHAPE)
