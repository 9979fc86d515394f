"""Image networks of many replicas against the published layer lists written with torch.nn."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from msgspec.structs import replace
from torch import Tensor, nn
from torch.nn import functional

from suite.networks import blocks, layers
from suite.networks.blocks import Conv, Dense, Heads, Norm, Residual
from suite.networks.grouped import grouped, grouped_transpose
from suite.networks.image import ImageNetwork
from suite.spec import schema
from suite.streams import stream

GREY, SMALL = (16, 16, 1), (8, 8, 3)
GENERATORS = {
    "dcgan": schema.DCGANGenerator(width=4, latent=6),
    "dcgan without normalisation": schema.DCGANGenerator(
        width=4, latent=6, constant=True, normalization="none"
    ),
    "gated": schema.DCGANGenerator(width=4, latent=6, kernel=5, bias=True, activation="gated"),
    "deeper": schema.DCGANGenerator(width=4, latent=6, extra=3, activation="softplus"),
    "resnet": schema.ResNetGenerator(width=4, latent=6),
    "deep resnet": schema.DeepResNetGenerator(width=8, latent=6, blocks=5),
}
CRITICS = {
    "dcgan": schema.DCGANCritic(width=4),
    "tanh": schema.DCGANCritic(width=4, activation="tanh", normalization="none"),
    "gated": schema.DCGANCritic(width=4, kernel=5, bias=True, activation="gated", normalization="layer"),
    "deeper": schema.DCGANCritic(width=4, extra=3, activation="softplus", normalization="layer"),
    "resnet": schema.ResNetCritic(width=4),
    "normalised resnet": schema.ResNetCritic(width=4, normalization="layer"),
    "deep resnet": schema.DeepResNetCritic(width=8, blocks=5),
}


def draw(*shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    generator = torch.Generator().manual_seed(sum(shape))
    return torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype)


def weights(network: ImageNetwork, replicas: int, dtype: torch.dtype = torch.float64) -> Tensor:
    """Parameters of every role unlike each other and unlike what they start from."""
    start = [network.initialize(schema.TFLibInit(), stream("test", str(r))) for r in range(replicas)]
    return torch.from_numpy(np.stack(start)).to(dtype) + 0.1 * draw(replicas, network.parameters, dtype=dtype)


def networks(shape: tuple[int, int, int]) -> dict[str, tuple[ImageNetwork, int]]:
    """Every network by name, and how many inputs it takes."""
    made = {f"{name} generator": (ImageNetwork.of_generator(s, shape), 6) for name, s in GENERATORS.items()}
    pixels = shape[0] * shape[1] * shape[2]
    return made | {f"{n} critic": (ImageNetwork.of_critic(s, shape), pixels) for n, s in CRITICS.items()}


NAMES = list(networks(GREY))


# --- The same networks in torch's words, channels first, one replica -------------------


def loaded(module: nn.Module, tensors: Iterator[Tensor]) -> nn.Module:
    """The module with its own part of the tensors."""
    weight = next(tensors)
    match module:
        case nn.Linear():
            weight = weight.T
        case nn.Conv2d(in_channels=inputs, kernel_size=(k, _)):
            weight = weight.view(k, k, inputs, -1).permute(3, 2, 0, 1)
        case nn.ConvTranspose2d(in_channels=inputs, kernel_size=(k, _)):
            weight = weight.view(inputs, k, k, -1).permute(0, 3, 1, 2)
        case _:
            weight = weight[0]
    module.to(weight.dtype)
    module.weight.data = weight
    if module.bias is not None:
        module.bias.data = next(tensors)[0]
    return module


def run(modules: list[nn.Module], tensors: list[Tensor], x: Tensor) -> Tensor:
    """Apply the modules, those with parameters filled from the tensors of one replica."""
    left = iter(tensors)
    for module in modules:
        if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d | nn.BatchNorm2d):
            module = loaded(module, left)
        x = module(x)
    assert next(left, None) is None
    return x


class Pictures(nn.Module):
    """Vectors, channels last as the suite has them, to pictures of torch."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        return x.view(len(x), self.size, self.size, -1).permute(0, 3, 1, 2)


class Vectors(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.permute(0, 2, 3, 1).flatten(1)


def test_dcgan_is_that_of_wgans_code() -> None:
    width, latent, shape = 3, 5, (16, 16, 2)
    made = ImageNetwork.of_generator(schema.DCGANGenerator(width=width, latent=latent), shape)
    judged = ImageNetwork.of_critic(schema.DCGANCritic(width=width), shape)
    up = {"kernel_size": 4, "stride": 2, "padding": 1, "bias": False}
    for replica in range(2):
        generator = [nn.Linear(latent, 2 * width * 16, bias=False), Pictures(4)]
        generator += [nn.BatchNorm2d(2 * width), nn.ReLU(), nn.ConvTranspose2d(2 * width, width, **up)]
        generator += [nn.BatchNorm2d(width), nn.ReLU(), nn.ConvTranspose2d(width, 2, **up), nn.Tanh()]
        critic = [Pictures(16), nn.Conv2d(2, width, **up), nn.LeakyReLU(0.2)]
        critic += [nn.Conv2d(width, 2 * width, **up), nn.BatchNorm2d(2 * width), nn.LeakyReLU(0.2)]
        critic += [Vectors(), nn.Linear(2 * width * 16, 1, bias=False)]
        for network, modules, inputs in ((made, [*generator, Vectors()], 5), (judged, critic, 512)):
            tensors, x = network.split(weights(network, 2)), draw(2, 7, inputs)
            expected = run(modules, [t[replica] for t in tensors], x[replica])
            found = network.outputs(tensors, x)[replica]
            torch.testing.assert_close(found, expected.view(found.shape))


class Code:
    """gan_cifar_resnet.py and gan_64x64.py's blocks, channels first, in the order of their code."""

    def __init__(self, tensors: list[Tensor]) -> None:
        self.left = iter(tensors)

    def conv(self, x: Tensor, outputs: int, kernel: int, stride: int = 1, *, bias: bool = True) -> Tensor:
        before, after = blocks.padding(kernel, stride)
        x = functional.pad(x, (before, after, before, after))
        return loaded(nn.Conv2d(x.shape[1], outputs, kernel, stride, bias=bias), self.left)(x)

    def deconv(self, x: Tensor, outputs: int) -> Tensor:
        side = 2 * x.shape[2]
        return loaded(nn.ConvTranspose2d(x.shape[1], outputs, 3, 2), self.left)(x)[:, :, :side, :side]

    def linear(self, x: Tensor, outputs: int) -> Tensor:
        return loaded(nn.Linear(x.shape[1], outputs), self.left)(x)

    def batch(self, x: Tensor) -> Tensor:
        gain, shift = next(self.left)[0], next(self.left)[0]
        return functional.batch_norm(x, None, None, gain, shift, training=True)

    def layer(self, x: Tensor) -> Tensor:
        gain, shift = next(self.left)[0][:, None, None], next(self.left)[0][:, None, None]
        return functional.layer_norm(x, x.shape[1:]) * gain + shift

    def up(self, x: Tensor, width: int) -> Tensor:
        shortcut = self.conv(functional.interpolate(x, scale_factor=2), width, 1)
        x = self.conv(functional.interpolate(functional.relu(self.batch(x)), scale_factor=2), width, 3)
        return shortcut + self.conv(functional.relu(self.batch(x)), width, 3)

    def first(self, x: Tensor, width: int) -> Tensor:
        shortcut = self.conv(functional.avg_pool2d(x, 2), width, 1)
        x = self.conv(functional.relu(self.conv(x, width, 3)), width, 3)
        return shortcut + functional.avg_pool2d(x, 2)

    def down(self, x: Tensor, width: int) -> Tensor:
        shortcut = functional.avg_pool2d(self.conv(x, width, 1), 2)
        x = self.conv(functional.relu(x), width, 3)
        return shortcut + functional.avg_pool2d(self.conv(functional.relu(x), width, 3), 2)

    def plain(self, x: Tensor, width: int) -> Tensor:
        return x + self.conv(functional.relu(self.conv(functional.relu(x), width, 3)), width, 3)

    def subpixel(self, x: Tensor, outputs: int) -> Tensor:
        """TensorFlow's depth_to_space, whose channels are (row, column, channel)."""
        parts = self.conv(x, 4 * outputs, 1).unflatten(1, (2, 2, outputs))
        return functional.pixel_shuffle(parts.permute(0, 3, 1, 2, 4, 5).flatten(1, 3), 2)

    def bottleneck(self, x: Tensor, outputs: int, how: str) -> Tensor:
        half = x.shape[1] // 2
        shortcut = x
        if how == "up":
            shortcut = self.subpixel(x, outputs)
        elif how == "down":
            shortcut = self.conv(x, outputs, 1, 2)
        x = functional.relu(self.conv(functional.relu(x), half, 1))
        x = (
            self.deconv(x, outputs // 2)
            if how == "up"
            else self.conv(x, outputs // 2, 3, 1 + (how == "down"))
        )
        x = self.conv(functional.relu(x), outputs, 1, bias=False)
        return shortcut + 0.3 * (self.layer(x) if how in ("down", "critic") else self.batch(x))


def resnet_generator(code: Code, x: Tensor) -> Tensor:
    x = Pictures(4)(code.linear(x, 4 * 16))
    x = code.up(code.up(x, 4), 4)
    return Vectors()(torch.tanh(code.conv(functional.relu(code.batch(x)), 1, 3)))


def resnet_critic(code: Code, x: Tensor) -> Tensor:
    x = code.down(code.first(Pictures(16)(x), 4), 4)
    x = code.plain(code.plain(x, 4), 4)
    return code.linear(functional.relu(x).mean((2, 3)), 1)[:, 0]


def deep_generator(code: Code, x: Tensor) -> Tensor:
    """Five blocks at 16 x 16: one at each size and the two between."""
    x = code.bottleneck(Pictures(4)(code.linear(x, 16 * 16)), 16, "")
    x = code.bottleneck(code.bottleneck(x, 8, "up"), 8, "")
    x = code.bottleneck(code.bottleneck(x, 4, "up"), 4, "")
    return Vectors()(torch.tanh(code.conv(x, 1, 1) / 5))


def deep_critic(code: Code, x: Tensor) -> Tensor:
    x = code.bottleneck(code.conv(Pictures(16)(x), 4, 1), 4, "critic")
    x = code.bottleneck(code.bottleneck(x, 8, "down"), 8, "critic")
    x = code.bottleneck(code.bottleneck(x, 16, "down"), 16, "critic")
    return code.linear(Vectors()(x), 1)[:, 0] / 5


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("resnet generator", resnet_generator),
        ("resnet critic", resnet_critic),
        ("deep resnet generator", deep_generator),
        ("deep resnet critic", deep_critic),
    ],
)
def test_residual_networks_are_those_of_wgan_gps_code(name: str, expected) -> None:
    network, inputs = networks(GREY)[name]
    tensors, x = network.split(weights(network, 2)), draw(2, 6, inputs)
    found = network.outputs(tensors, x)
    for replica in range(2):
        code = Code([t[replica] for t in tensors])
        torch.testing.assert_close(found[replica], expected(code, x[replica]))
        assert next(code.left, None) is None


# --- Blocks by themselves ---------------------------------------------------------------


def of_blocks(*made: blocks.Block) -> ImageNetwork:
    """A generator's kind of network, from flat pictures to flat pictures."""
    return ImageNetwork((blocks.Scale(1.0), *made, blocks.Flatten()))


def test_batch_normalisation_is_torchs() -> None:
    network = of_blocks(blocks.Reshape(4, 3), Norm("batch", 3))
    tensors, x = network.split(weights(network, 2)), draw(2, 5, 48)
    pictures = x.view(2, 5, 4, 4, 3).permute(0, 1, 4, 2, 3)
    for replica in range(2):
        gain, shift = (t[replica, 0] for t in tensors)
        expected = functional.batch_norm(pictures[replica], None, None, gain, shift, training=True)
        found = network.outputs(tensors, x)[replica].view(5, 4, 4, 3)
        torch.testing.assert_close(found, expected.permute(0, 2, 3, 1))


def test_layer_normalisation_has_a_gain_for_each_channel() -> None:
    network = of_blocks(blocks.Reshape(4, 3), Norm("layer", 3))
    tensors, x = network.split(weights(network, 2)), draw(2, 5, 48)
    normal = functional.layer_norm(x, (48,)).view(2, 5, 4, 4, 3)
    expected = normal * tensors[0].view(2, 1, 1, 1, 3) + tensors[1].view(2, 1, 1, 1, 3)
    torch.testing.assert_close(network.outputs(tensors, x), expected.flatten(2))


def test_conditional_normalisation_takes_the_labels_rows() -> None:
    network = of_blocks(blocks.Reshape(4, 3), Norm("batch", 3, classes=4))
    tensors, x = network.split(weights(network, 2)), draw(2, 5, 48)
    labels = torch.tensor([[0, 1, 2, 3, 1], [3, 3, 0, 1, 2]])
    found = network.outputs(tensors, x, labels).view(2, 5, 4, 4, 3)
    plain = of_blocks(blocks.Reshape(4, 3), Norm("batch", 3))
    for replica, sample in np.ndindex(2, 5):
        rows = [t[:, labels[replica, sample]][:, None] for t in tensors]
        expected = plain.outputs(rows, x).view(2, 5, 4, 4, 3)
        torch.testing.assert_close(found[replica, sample], expected[replica, sample])
    with pytest.raises(ValueError, match="needs labels"):
        network.outputs(tensors, x)


def test_labels_reach_generator_and_head() -> None:
    made = ImageNetwork.of_generator(replace(GENERATORS["resnet"], labels="normalization"), SMALL, classes=3)
    tensors, noise = made.split(weights(made, 2)), draw(2, 4, 6)
    one, other = (made.outputs(tensors, noise, torch.full((2, 4), label)) for label in (0, 1))
    assert one.shape == (2, 4, 192)
    assert not torch.equal(one, other)
    judge = ImageNetwork.of_critic(replace(CRITICS["resnet"], labels="auxiliary"), SMALL, classes=3)
    flat = weights(judge, 2)
    outputs, scores = judge.heads(judge.split(flat), one)
    assert outputs.shape == (2, 4)
    assert scores.shape == (2, 4, 3)
    assert torch.equal(judge.outputs(judge.split(flat), one), outputs)
    plain = ImageNetwork.of_critic(CRITICS["resnet"], SMALL)
    same = plain.outputs(plain.split(flat[:, : plain.parameters].contiguous()), one)
    torch.testing.assert_close(outputs, same)


# --- All networks -----------------------------------------------------------------------


@pytest.mark.parametrize("shape", [SMALL, GREY, (32, 32, 3)])
def test_shapes(shape: tuple[int, int, int]) -> None:
    pixels = shape[0] * shape[1] * shape[2]
    for name, (network, inputs) in networks(shape).items():
        found = network.outputs(network.split(weights(network, 2)), draw(2, 3, inputs))
        assert found.shape == ((2, 3, pixels) if "generator" in name else (2, 3))
        assert network.parameters == blocks.parameters(network.blocks)


@pytest.mark.parametrize("name", NAMES)
def test_networks_are_the_same_on_graphics_cards(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The convolutions used there, run here."""

    def convolve(x: Tensor, weight: Tensor, bias: Tensor | None, kernel: int, stride: int) -> Tensor:
        return grouped(x, weight.view(len(x), kernel, kernel, x.shape[4], -1), bias, stride)

    def deconvolve(x: Tensor, weight: Tensor, bias: Tensor | None, kernel: int) -> Tensor:
        return grouped_transpose(x, weight.view(len(x), x.shape[4], kernel, kernel, -1), bias)

    network, inputs = networks(GREY)[name]
    flat, x = weights(network, 2), draw(2, 3, inputs)
    here = derivatives(network, flat, x)
    monkeypatch.setattr(layers, "convolve", convolve)
    monkeypatch.setattr(layers, "deconvolve", deconvolve)
    for one, other in zip(here, derivatives(network, flat, x), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-7 * float(one.detach().abs().max()))


def derivatives(network: ImageNetwork, flat: Tensor, x: Tensor) -> list[Tensor]:
    """Outputs, their gradients by input and parameters, and those of the input gradient's size."""
    flat, x = flat.detach().requires_grad_(), x.detach().requires_grad_()
    outputs = network.outputs(network.split(flat), x)
    total = outputs.tanh().sum()
    by_input, by_weight = torch.autograd.grad(total, (x, flat), create_graph=True)
    second = torch.autograd.grad(by_input.square().sum(), (x, flat))
    return [outputs, by_input, by_weight, *second]


@pytest.mark.parametrize("name", NAMES)
def test_a_replica_does_not_depend_on_its_companions(name: str) -> None:
    network, inputs = networks(GREY)[name]
    flat, x = weights(network, 4, torch.float32), draw(4, 6, inputs, dtype=torch.float32)
    together = derivatives(network, flat, x)
    for order in ([2], [3, 2, 0, 1]):
        apart = derivatives(network, flat[order], x[order])
        assert all(torch.equal(one[order], other) for one, other in zip(together, apart, strict=True))
    flat[1] = torch.nan
    for one, other in zip(together, derivatives(network, flat, x), strict=True):
        assert other[1].isnan().any()
        assert torch.equal(one[[0, 2, 3]], other[[0, 2, 3]])


@pytest.mark.parametrize("name", NAMES)
def test_second_derivatives(name: str) -> None:
    """Along one direction, the derivative of the squared input gradient against a difference."""
    network, inputs = networks(GREY)[name]
    flat, x = weights(network, 1), draw(1, 3, inputs)
    direction = draw(1, network.parameters)

    def size(of: Tensor) -> Tensor:
        leaf = x.detach().requires_grad_()
        total = network.outputs(network.split(of), leaf).tanh().sum()
        return torch.autograd.grad(total, leaf, create_graph=True)[0].square().sum()

    leaf = flat.requires_grad_()
    (found,) = torch.autograd.grad(size(leaf), leaf)
    step = 1e-7
    ends = [float(size(flat.detach() + sign * step * direction).detach()) for sign in (1, -1)]
    difference = (ends[0] - ends[1]) / (2 * step)
    assert float((found * direction).sum()) == pytest.approx(difference, rel=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_only_batch_normalisation_couples_samples(name: str) -> None:
    network, inputs = networks(GREY)[name]
    tensors, x = network.split(weights(network, 1)), draw(1, 4, inputs).requires_grad_()
    first = network.outputs(tensors, x)[:, 0].sum()
    others = torch.autograd.grad(first, x)[0][:, 1:]
    assert bool(others.abs().max() > 0) == network.couples_samples
    has_batch = any(isinstance(b, Norm) and b.kind == "batch" for b in blocks.walk(network.blocks))
    assert network.couples_samples == has_batch


# --- Initialisation ---------------------------------------------------------------------


def initial(network: ImageNetwork, how: schema.Initialization) -> list[tuple[blocks.Parameter, Tensor]]:
    flat = torch.from_numpy(network.initialize(how, stream("test", "init")))[None]
    return list(zip(blocks.tensors(network.blocks), network.split(flat), strict=True))


BIG = ImageNetwork.of_critic(schema.DCGANCritic(width=32, bias=True), (16, 16, 3))


@pytest.mark.parametrize(
    ("how", "deviations"),
    [
        (schema.DefaultInit(), [(3 * 3 * 16) ** -0.5, (3 * 32 * 16) ** -0.5, (3 * 1024) ** -0.5]),
        (schema.HeInit(), [(2 / 48) ** 0.5, (2 / 512) ** 0.5, (2 / 1024) ** 0.5]),
        (schema.UniformInit(bound=0.03), [0.03 / 3**0.5] * 3),
        (schema.NormalInit(deviation=0.05), [0.05] * 3),
        (schema.SignInit(bound=0.01), [0.01] * 3),
        (schema.DCGANInit(), [0.02] * 3),
        # Kernels of 16 entries and stride 2: a quarter of them counts for the outputs.
        (
            schema.TFLibInit(),
            [(4 / (48 + 128)) ** 0.5, (4 / (512 + 256)) ** 0.5, (2 / (1024 + 1)) ** 0.5],
        ),
    ],
)
def test_weights_start_as_asked(how: schema.Initialization, deviations: list[float]) -> None:
    made = [values for parameter, values in initial(BIG, how) if parameter.role == "weight"]
    assert [float(w.std(correction=0)) for w in made] == pytest.approx(deviations, rel=0.06)
    for weight in made:
        if isinstance(how, schema.DefaultInit | schema.HeInit | schema.UniformInit | schema.TFLibInit):
            assert float(weight.abs().max()) < 3**0.5 * float(weight.std()) * 1.06
        if isinstance(how, schema.SignInit):
            assert set(weight.abs().unique().tolist()) == {np.float32(0.01)}


@pytest.mark.parametrize("how", [schema.DefaultInit(), schema.UniformInit(bound=0.1), schema.DCGANInit()])
def test_biases_and_normalisations_start_as_asked(how: schema.Initialization) -> None:
    spread = isinstance(how, schema.DefaultInit | schema.UniformInit)
    for parameter, values in initial(BIG, how):
        if parameter.role == "bias":
            assert bool(values.any()) == spread
        if parameter.role == "shift":
            assert not values.any()
        if parameter.role == "gain" and isinstance(how, schema.DCGANInit):
            assert float(values.std()) == pytest.approx(0.02, rel=0.3)
            assert float(values.mean()) == pytest.approx(1, abs=0.02)
        elif parameter.role == "gain":
            assert torch.equal(values, torch.ones_like(values))


def test_tflib_allows_for_the_rectifier_but_in_shortcuts_and_at_the_ends() -> None:
    """he_init=False in gan_cifar_resnet.py and gan_64x64.py."""

    def without(made: tuple[blocks.Block, ...]) -> list[int]:
        return [b.kernel for b in blocks.walk(made) if isinstance(b, Conv) and not b.rectified]

    resnet = (
        ImageNetwork.of_generator(GENERATORS["resnet"], GREY),
        ImageNetwork.of_critic(CRITICS["resnet"], GREY),
    )
    assert [without(network.blocks) for network in resnet] == [[1, 1, 3], [1, 1]]
    deep = [ImageNetwork.of_generator(GENERATORS["deep resnet"], GREY)]
    deep.append(ImageNetwork.of_critic(CRITICS["deep resnet"], GREY))
    assert [without(network.blocks) for network in deep] == [[1, 1, 1], [1, 1, 1]]
    for network in (*resnet, *deep):
        for block in network.blocks:
            if isinstance(block, Residual):
                assert without(block.body) == []


def test_heads_start_by_themselves() -> None:
    """tflib's variance counts a layer's own outputs: one for the critic's, ten for the labels'."""
    network = ImageNetwork.of_critic(schema.ResNetCritic(width=512, labels="auxiliary"), SMALL, classes=10)
    assert isinstance(network.blocks[-1], Heads)
    assert network.blocks[-1] == Heads(Dense(512, 1), Dense(512, 10))
    heads = [w for parameter, w in initial(network, schema.TFLibInit()) if parameter.role == "weight"][-2:]
    deviations = [(2 / 513) ** 0.5, (2 / 522) ** 0.5]
    assert [float(w.std()) for w in heads] == pytest.approx(deviations, rel=0.05)
