"""BigGAN's networks: their size, and what the class and the noise do in them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from suite.errors import UserError
from suite.networks import architectures, blocks
from suite.networks.image import ImageNetwork
from suite.networks.initialization import initial
from suite.spec import schema
from suite.streams import stream

IMAGENET = (128, 128, 3)
SHAPE = (16, 16, 2)
LABELS = torch.tensor([[0, 1, 2, 1, 0], [2, 2, 1, 0, 0]])
GENERATOR = schema.BigGANGenerator(width=1, latent=6, shared=4, spectral=False)
CRITIC = schema.BigGANCritic(width=1, spectral=False)


@dataclass(frozen=True)
class Row:
    """Of the paper's Table 1: a width, what is added, and millions of parameters of both networks."""

    width: int
    shared: int
    skip: bool
    millions: float


TABLE = [
    Row(64, 0, False, 81.5),
    Row(96, 0, False, 173.5),
    Row(96, 128, False, 160.6),
    Row(96, 128, True, 158.3),
    Row(64, 128, True, 71.3),
]


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_parameters_are_the_published_ones(row: Row) -> None:
    generator = schema.BigGANGenerator(width=row.width, shared=row.shared, skip=row.skip, attention=64)
    critic = schema.BigGANCritic(width=row.width, attention=64)
    made = architectures.generator(generator, IMAGENET, 1000), architectures.critic(critic, IMAGENET, 1000)
    assert sum(map(blocks.parameters, made)) / 1e6 == pytest.approx(row.millions, rel=0.005)


@pytest.mark.parametrize("side", [16, 32, 64, 128, 256, 512])
def test_pictures_have_the_side_that_is_asked_for(side: int) -> None:
    spec = schema.BigGANGenerator(width=1, skip=False, attention=side // 2)
    made = [b for b in blocks.walk(architectures.generator(spec, (side, side, 3), 10)) if is_square(b)]
    assert (made[-1].size, made[-1].outputs) == (side, 3)
    seen = architectures.critic(schema.BigGANCritic(width=1, attention=side // 2), (side, side, 3), 10)
    last = [block for block in blocks.walk(seen) if is_square(block)][-1]
    assert last.size == (8 if side == 32 else 4)


def is_square(block: blocks.Block) -> bool:
    return isinstance(block, blocks.Conv) and block.kernel == 3


@pytest.mark.parametrize(
    ("spec", "shape", "cure"),
    [
        (GENERATOR, (48, 48, 1), "a side of 16, 32"),
        (schema.BigGANGenerator(latent=7), SHAPE, "a multiple of 3"),
        (schema.BigGANGenerator(shared=0), SHAPE, "shared to its width"),
        (schema.BigGANGenerator(attention=64), SHAPE, "attention to half"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_cure(
    spec: schema.BigGANGenerator, shape: tuple[int, int, int], cure: str
) -> None:
    with pytest.raises(UserError, match=cure):
        architectures.generator(spec, shape, 10)


def test_no_table_of_the_generator_is_divided_by_its_singular_value() -> None:
    made = list(blocks.walk(architectures.generator(schema.BigGANGenerator(attention=64), IMAGENET, 10)))
    others = [block.spectral for block in made if isinstance(block, blocks.Weighted)]
    assert [block.spectral for block in made if isinstance(block, blocks.Embedding)] == [False]
    assert all(others)
    assert len(others) == 1 + 5 * (4 + 3) + 4 + 1


def test_twice_the_depth_is_a_further_block_of_each_level() -> None:
    """In the generator it keeps the side, and sees the noise of its level; in the critic likewise."""
    spec = schema.BigGANGenerator(width=1, latent=6, shared=4, depth=2, spectral=False)
    (whole,) = architectures.generator(spec, SHAPE, 3)
    assert isinstance(whole, blocks.Hierarchy)
    made = [block for block in whole.body if isinstance(block, blocks.Residual)]
    convs = [[b.size for b in block.body if isinstance(b, blocks.Conv)] for block in made]
    assert convs == [[8, 8], [8, 8], [16, 16], [16, 16]]
    parts = [{b.part for b in block.body if isinstance(b, blocks.ConditionalNorm)} for block in made]
    assert parts == [{0}, {0}, {1}, {1}]
    seen = architectures.critic(schema.BigGANCritic(width=1, depth=2, spectral=False), SHAPE, 3)
    made = [block for block in seen if isinstance(block, blocks.Residual)]
    convs = [[b.size for b in block.body if isinstance(b, blocks.Conv)] for block in made]
    assert convs == [[16, 16], [8, 8], [8, 8], [4, 4], [4, 4], [4, 4]]
    assert [len(block.shortcut) for block in made] == [2, 0, 2, 0, 0, 0]


def test_a_deep_pair_runs_forward_and_back() -> None:
    generator = ImageNetwork.of_generator(
        schema.BigGANGenerator(width=1, latent=6, shared=4, depth=2), SHAPE, 3
    )
    critic = ImageNetwork.of_critic(schema.BigGANCritic(width=1, depth=2), SHAPE, 3)
    flats = [weights(network).requires_grad_() for network in (generator, critic)]
    made = generator.outputs(generator.split(flats[0]), draw(2, 5, 6), LABELS)
    loss = critic.outputs(critic.split(flats[1]), made, LABELS).sum()
    for gradient in torch.autograd.grad(loss, flats):
        assert torch.isfinite(gradient).all()
        assert (gradient != 0).double().mean() > 0.8


# --- Against networks written out with torch's own layers ---------------------------------------


def weights(network: ImageNetwork) -> Tensor:
    rng = torch.Generator().manual_seed(0)
    return 0.3 * torch.randn(2, network.parameters, generator=rng, dtype=torch.float64)


def draw(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def conv(x: Tensor, left: Iterator[Tensor], kernel: int) -> Tensor:
    weight, bias = next(left), next(left)
    kernels = weight.view(kernel, kernel, x.shape[1], -1).permute(3, 2, 0, 1)
    return functional.conv2d(x, kernels, bias[0], padding=kernel // 2)


def batch_norm(x: Tensor) -> Tensor:
    return functional.batch_norm(x, None, None, training=True)


def up(x: Tensor, condition: Tensor, left: Iterator[Tensor]) -> Tensor:
    def norm(x: Tensor) -> Tensor:
        gain, shift = condition @ next(left), condition @ next(left)
        return batch_norm(x) * (1 + gain)[:, :, None, None] + shift[:, :, None, None]

    kept = functional.interpolate(conv(x, left, 1), scale_factor=2)
    x = conv(functional.interpolate(norm(x).relu(), scale_factor=2), left, 3)
    return kept + conv(norm(x).relu(), left, 3)


def generated(tensors: list[Tensor], noise: Tensor, labels: Tensor) -> Tensor:
    left = iter(tensors)
    rows, (start, *parts) = next(left)[labels], noise.split(2, dim=1)
    x = (start @ next(left) + next(left)).view(-1, 4, 4, 4).permute(0, 3, 1, 2)
    for part in parts:
        x = up(x, torch.cat([rows, part], dim=1), left)
    gain, shift = next(left), next(left)
    x = batch_norm(x) * gain[0][:, None, None] + shift[0][:, None, None]
    return conv(x.relu(), left, 3).tanh().permute(0, 2, 3, 1).flatten(1)


def test_noise_and_class_enter_every_block() -> None:
    network = ImageNetwork.of_generator(GENERATOR, SHAPE, 3)
    flat, noise = weights(network), draw(2, 5, 6)
    found = network.outputs(network.split(flat), noise, LABELS)
    for replica in range(2):
        tensors = [tensor[replica] for tensor in network.split(flat)]
        torch.testing.assert_close(found[replica], generated(tensors, noise[replica], LABELS[replica]))


def down(x: Tensor, left: Iterator[Tensor], first: bool, halves: bool) -> Tensor:
    kept = x if x.shape[1] == 4 and not halves else conv(x, left, 1)
    x = conv(x if first else x.relu(), left, 3)
    made = kept + conv(x.relu(), left, 3)
    return functional.avg_pool2d(made, 2) if halves else made


def test_the_critic_sums_over_the_picture_and_projects() -> None:
    network = ImageNetwork.of_critic(CRITIC, SHAPE, 3)
    flat, x = weights(network), draw(2, 5, 512)
    found = network.outputs(network.split(flat), x, LABELS)
    for replica in range(2):
        left = iter([tensor[replica] for tensor in network.split(flat)])
        pictures = x[replica].view(5, 16, 16, 2).permute(0, 3, 1, 2)
        for index in range(3):
            pictures = down(pictures, left, index == 0, index < 2)
        features = pictures.relu().sum((2, 3))
        plain = features @ next(left) + next(left)
        expected = plain[:, 0] + (features * next(left)[LABELS[replica]]).sum(1)
        torch.testing.assert_close(found[replica], expected)


def test_a_step_of_the_networks_for_imagenet_runs_forward_and_back() -> None:
    """All their levels and their attention, two channels wide."""
    generator = ImageNetwork.of_generator(
        schema.BigGANGenerator(width=2, latent=12, shared=8, attention=64), IMAGENET, 1000
    )
    critic = ImageNetwork.of_critic(schema.BigGANCritic(width=2, attention=64), IMAGENET, 1000)
    rng = stream("test", "imagenet")
    flats = [
        torch.from_numpy(network.initialize(schema.OrthogonalInit(), rng))[None].requires_grad_()
        for network in (generator, critic)
    ]
    labels, noise = torch.tensor([[3, 999]]), draw(1, 2, 12).float()
    made = generator.outputs(generator.split(flats[0]), noise, labels)
    loss = critic.outputs(critic.split(flats[1]), made, labels).sum()
    for gradient in torch.autograd.grad(loss, flats):
        assert torch.isfinite(gradient).all()
        assert (gradient != 0).double().mean() > 0.1


@pytest.mark.slow
def test_a_step_of_the_published_networks_runs_forward_and_back() -> None:
    """At their full width, 158.3 million parameters, two pictures: about ten seconds and 4 GB."""
    generator = ImageNetwork.of_generator(schema.BigGANGenerator(attention=64), IMAGENET, 1000)
    critic = ImageNetwork.of_critic(schema.BigGANCritic(attention=64), IMAGENET, 1000)
    rng = torch.Generator().manual_seed(0)
    # An orthogonal start would take a minute.
    flats = [0.02 * torch.randn(1, network.parameters, generator=rng) for network in (generator, critic)]
    for network, flat in zip((generator, critic), flats, strict=True):
        network.settle(flat)
        flat.requires_grad_()
    labels, noise = torch.tensor([[3, 999]]), draw(1, 2, 120).float()
    made = generator.outputs(generator.split(flats[0]), noise, labels)
    assert made.shape == (1, 2, 128 * 128 * 3)
    loss = critic.outputs(critic.split(flats[1]), made, labels).sum()
    gradients = torch.autograd.grad(loss, flats)
    assert sum(gradient.numel() for gradient in gradients) > 158e6
    for network, gradient in zip((generator, critic), gradients, strict=True):
        assert torch.isfinite(gradient).all()
        roles = [parameter.role for parameter in blocks.tensors(network.blocks)]
        for part, role in zip(network.split(gradient), roles, strict=True):
            # The gates of attention start at 0 in training, not here: everything takes part.
            assert role == "vector" or part.any()


def test_without_skip_all_noise_goes_into_the_first_layer() -> None:
    spec = schema.BigGANGenerator(width=1, latent=5, shared=4, skip=False)
    dense = [b for b in blocks.walk(architectures.generator(spec, SHAPE, 3)) if isinstance(b, blocks.Dense)]
    assert [block.inputs for block in dense] == [5] + [4] * 8


def test_attention_stands_after_the_block_that_makes_the_side() -> None:
    spec = schema.BigGANGenerator(width=2, latent=6, attention=8)
    (whole,) = architectures.generator(spec, SHAPE, 3)
    assert isinstance(whole, blocks.Hierarchy)
    kinds = [type(block).__name__ for block in whole.body]
    assert kinds[:5] == ["Dense", "Reshape", "Residual", "Attention", "Residual"]


# --- How it starts --------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(9, 4), (4, 9), (5, 5)])
def test_an_orthogonal_start_has_orthonormal_columns_or_rows(shape: tuple[int, int]) -> None:
    parameter = blocks.Parameter("weight", shape, *shape)
    made = initial(schema.OrthogonalInit(), parameter, stream("test", "orthogonal"))
    gram = made.T @ made if shape[0] >= shape[1] else made @ made.T
    np.testing.assert_allclose(gram, np.eye(min(shape)), atol=1e-12)


def test_an_orthogonal_start_favours_no_direction() -> None:
    """Without a care for signs, the first entry of a QR decomposition's first column is never positive."""
    parameter = blocks.Parameter("weight", (3, 2), 3, 2)
    rng = stream("test", "signs")
    firsts = [initial(schema.OrthogonalInit(), parameter, rng)[0] for _ in range(400)]
    np.testing.assert_allclose(np.mean(firsts, axis=0), 0, atol=0.12)  # Four standard errors, 0.58 / 20.
