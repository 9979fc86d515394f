"""Architectures against the layer lists of the published code."""

import subprocess
import sys
from itertools import pairwise

import pytest

from suite.errors import UserError
from suite.networks import blocks
from suite.networks.architectures import critic, generator
from suite.networks.blocks import Activate, Conv, Deconv, Dense, Norm, Residual
from suite.spec import schema

LSUN, CIFAR = (64, 64, 3), (32, 32, 3)


def linear(inputs: int, outputs: int) -> int:
    return inputs * outputs + outputs


def conv(inputs: int, outputs: int, kernel: int) -> int:
    return inputs * outputs * kernel**2 + outputs


def test_dcgan_of_wgans_code() -> None:
    """models/dcgan.py with nz=100, ngf=ndf=64, nc=3: no biases, batch normalisation but at the ends."""
    kernels = 16 * (512 * 256 + 256 * 128 + 128 * 64 + 64 * 3)
    made = blocks.parameters(generator(schema.DCGANGenerator(width=64), LSUN))
    assert made == 100 * 512 * 16 + kernels + 2 * (512 + 256 + 128 + 64) == 3_576_704
    judged = blocks.parameters(critic(schema.DCGANCritic(width=64), LSUN))
    assert judged == kernels + 512 * 16 + 2 * (512 + 256 + 128) == 2_765_568


def test_generator_of_constant_filters_has_an_order_of_magnitude_fewer_parameters() -> None:
    """WGAN, Figure 6: "a bit more than an order of magnitude" fewer than the DCGAN generator."""
    small = schema.DCGANGenerator(width=64, constant=True, normalization="none")
    count = blocks.parameters(generator(small, LSUN))
    assert count == 100 * 64 * 16 + 16 * (3 * 64 * 64 + 64 * 3)
    assert 10 < 3_576_704 / count < 15


def test_dcgan_of_wgan_gps_code() -> None:
    """gan_64x64.py's DCGANGenerator and DCGANDiscriminator: kernel 5, biases, noise of 128."""
    widths = [512, 256, 128, 64]
    steps = list(zip(widths, [*widths[1:], 3], strict=True))
    spec = schema.DCGANGenerator(width=64, latent=128, kernel=5, bias=True)
    expected = linear(128, 16 * 512) + sum(conv(a, b, 5) for a, b in steps) + 2 * sum(widths)
    assert blocks.parameters(generator(spec, LSUN)) == expected
    spec = schema.DCGANCritic(width=64, kernel=5, bias=True, normalization="layer")
    expected = sum(conv(b, a, 5) for a, b in steps) + linear(16 * 512, 1) + 2 * sum(widths[:-1])
    assert blocks.parameters(critic(spec, LSUN)) == expected


def test_gates_have_twice_the_filters() -> None:
    """gan_64x64.py's MultiplicativeDCGANGenerator and its discriminator."""
    spec = schema.DCGANGenerator(width=64, latent=128, kernel=5, bias=True, activation="gated")
    steps = [(512, 512), (256, 256), (128, 128)]
    expected = linear(128, 16 * 1024) + sum(conv(a, b, 5) for a, b in steps) + conv(64, 3, 5)
    assert blocks.parameters(generator(spec, LSUN)) == expected + 2 * (1024 + 512 + 256 + 128)
    spec = schema.DCGANCritic(width=64, kernel=5, bias=True, activation="gated")
    steps = [(3, 128), (64, 256), (128, 512), (256, 1024)]
    expected = sum(conv(a, b, 5) for a, b in steps) + linear(16 * 512, 1)
    assert blocks.parameters(critic(spec, LSUN)) == expected + 2 * (256 + 512 + 1024)


@pytest.mark.parametrize("extra", [0, 4, 8, 16])
def test_networks_of_4_8_12_and_20_layers(extra: int) -> None:
    """WGAN-GP's Table 1, for 32 x 32 pictures: further convolutions are shared out among the sizes."""
    made = generator(schema.DCGANGenerator(width=4, extra=extra), CIFAR)
    judged = critic(schema.DCGANCritic(width=4, extra=extra), CIFAR)
    for network in (made, judged):
        weighted = [b for b in blocks.walk(network) if isinstance(b, Dense | Conv | Deconv)]
        assert len(weighted) == 4 + extra
    kept = [b for b in made if isinstance(b, Conv)] if extra else []
    assert [(b.inputs, b.outputs, b.kernel, b.stride) for b in kept[:1]] == [(16, 16, 3, 1)] * bool(extra)


def test_extra_convolutions_go_to_the_smallest_size_first() -> None:
    """On 32 x 32 pictures there are three sizes that keep filters: 4 x 4, 8 x 8 and 16 x 16."""
    made = generator(schema.DCGANGenerator(width=2, extra=4), CIFAR)
    assert [b.size for b in made if isinstance(b, Conv)] == [4, 4, 8, 16]
    judged = critic(schema.DCGANCritic(width=2, extra=4), CIFAR)
    assert [b.size for b in judged if isinstance(b, Conv) and b.stride == 1] == [16, 8, 4, 4]


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh", "gated", "softplus"])
def test_one_activation_everywhere_but_at_the_generators_end(activation: schema.ImageActivation) -> None:
    made = generator(schema.DCGANGenerator(width=4, activation=activation), CIFAR)
    kinds = [block.kind for block in made if isinstance(block, Activate)]
    assert kinds == [activation] * 3 + ["tanh"]
    judged = critic(schema.DCGANCritic(width=4, activation=activation), CIFAR)
    assert [block.kind for block in judged if isinstance(block, Activate)] == [activation] * 3


def test_no_normalisation_means_none_anywhere() -> None:
    for spec in (schema.DCGANGenerator, schema.ResNetGenerator, schema.DeepResNetGenerator):
        made = blocks.walk(generator(spec(width=8, normalization="none"), LSUN))
        assert not any(isinstance(block, Norm) for block in made)
    for spec in (schema.DCGANCritic, schema.ResNetCritic, schema.DeepResNetCritic):
        made = blocks.walk(critic(spec(width=8, normalization="none"), LSUN))
        assert not any(isinstance(block, Norm) for block in made)


def test_resnet_for_cifar() -> None:
    """gan_cifar_resnet.py without labels, DIM_G = DIM_D = 128."""
    block = 2 * conv(128, 128, 3) + conv(128, 128, 1)
    expected = linear(128, 16 * 128) + 3 * (block + 4 * 128) + 2 * 128 + conv(128, 3, 3)
    assert blocks.parameters(generator(schema.ResNetGenerator(), CIFAR)) == expected
    first = conv(3, 128, 3) + conv(128, 128, 3) + conv(3, 128, 1)
    expected = first + block + 2 * 2 * conv(128, 128, 3) + linear(128, 1)
    assert blocks.parameters(critic(schema.ResNetCritic(), CIFAR)) == expected


def test_labels_add_tables_and_a_head() -> None:
    """Six conditional normalisations of ten classes; OutputN stays as it is."""
    made = (schema.ResNetGenerator(), schema.ResNetGenerator(labels="normalization"))
    plain, labelled = (blocks.parameters(generator(spec, CIFAR, 10)) for spec in made)
    assert labelled - plain == 6 * 2 * 128 * 9
    judges = (schema.ResNetCritic(), schema.ResNetCritic(labels="auxiliary"))
    plain, labelled = (blocks.parameters(critic(spec, CIFAR, 10)) for spec in judges)
    assert labelled - plain == linear(128, 10)


def bottleneck(inputs: int, outputs: int, bigger: int) -> int:
    """BottleneckResidualBlock: the shortcut of a block that changes the size has ``bigger`` times the
    filters; the last convolution has no bias.
    """
    half_in, half_out = inputs // 2, outputs // 2
    body = conv(inputs, half_in, 1) + conv(half_in, half_out, 3) + half_out * outputs + 2 * outputs
    return body + (conv(inputs, bigger * outputs, 1) if bigger else 0)


def test_deep_resnet_is_that_of_the_code() -> None:
    """gan_64x64.py's ResnetGenerator and ResnetDiscriminator, DIM = 64."""
    widths, counts = [512, 256, 128, 64, 32], [6, 6, 6, 6, 5]
    plain = sum(n * bottleneck(w, w, 0) for w, n in zip(widths, counts, strict=True))
    steps = list(pairwise(widths))
    up = linear(128, 16 * 512) + plain + sum(bottleneck(a, b, 4) for a, b in steps) + conv(32, 3, 1)
    assert blocks.parameters(generator(schema.DeepResNetGenerator(), LSUN)) == up
    down = conv(3, 32, 1) + plain + sum(bottleneck(b, a, 1) for a, b in steps) + linear(16 * 512, 1)
    assert blocks.parameters(critic(schema.DeepResNetCritic(), LSUN)) == down


def depth(made: tuple[blocks.Block, ...]) -> int:
    """Weighted layers on the way from input to output, not through shortcuts."""
    bodies = [block.body if isinstance(block, Residual) else (block,) for block in made]
    return sum(isinstance(block, Dense | Conv | Deconv) for body in bodies for block in body)


def test_deep_resnet_has_101_layers() -> None:
    assert depth(generator(schema.DeepResNetGenerator(), LSUN)) == 101
    assert depth(critic(schema.DeepResNetCritic(), LSUN)) == 101


@pytest.mark.parametrize("size", [8, 16, 32, 64])
@pytest.mark.parametrize("count", [4, 5, 12])
def test_deep_resnet_of_any_number_of_blocks(size: int, count: int) -> None:
    made = generator(schema.DeepResNetGenerator(width=8, blocks=count), (size, size, 1))
    assert depth(made) == 3 * count + 2
    assert depth(critic(schema.DeepResNetCritic(width=8, blocks=count), (size, size, 1))) == 3 * count + 2


def test_too_few_blocks_and_odd_pictures_are_the_users_to_mend() -> None:
    with pytest.raises(UserError, match="at least 4 blocks"):
        generator(schema.DeepResNetGenerator(blocks=3), LSUN)
    for shape in ((28, 28, 1), (4, 4, 1), (16, 32, 1), (24, 24, 3)):
        with pytest.raises(UserError, match="power of two"):
            critic(schema.DCGANCritic(width=8), shape)


def test_counting_needs_no_torch() -> None:
    code = (
        "import sys, suite.networks.architectures, suite.networks.initialization\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
