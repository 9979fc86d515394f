"""The papers' image networks as blocks, for pictures of 8 x 8, 16 x 16 and further powers of two.

Numbers are those of the published code: WGAN's models/dcgan.py, and WGAN-GP's gan_64x64.py and
gan_cifar_resnet.py. Where a paper says otherwise, the code is followed and a comment says so.
"""

from itertools import pairwise

from suite.errors import UserError
from suite.networks import biggan
from suite.networks.blocks import (
    Activate,
    Block,
    Conv,
    Deconv,
    Dense,
    Flatten,
    GlobalMean,
    MeanPool,
    Norm,
    Reshape,
    Residual,
    Scale,
    Shuffle,
    Upsample,
)
from suite.networks.variants import attending, labelled_critic, labelled_generator, normalized
from suite.spec import schema

Shape = tuple[int, int, int]
"""Height, width and channels of a picture."""
Blocks = tuple[Block, ...]
BASE = 4
"""Side of the smallest pictures: where generators start and DCGAN's critic ends."""


def generator(spec: schema.ConvGenerator, shape: Shape, classes: int = 0) -> Blocks:
    """From vectors of noise to flat pictures of ``shape``, told of ``classes`` where the spec has labels."""
    match spec:
        case schema.DCGANGenerator():
            made = labelled_generator(_dcgan_generator(spec, shape), spec.labels, classes)
        case schema.ResNetGenerator():
            # Its code has the labels in the blocks, and not in the last normalisation.
            inside = classes if spec.labels == "normalization" else 0
            outside = "none" if inside else spec.labels
            made = labelled_generator(_resnet_generator(spec, shape, inside), outside, classes)
        case schema.DeepResNetGenerator():
            return _deep_generator(spec, shape)
        case schema.BigGANGenerator():
            return biggan.generator(spec, shape, classes)
    made = attending(made, spec.attention)
    return normalized(made) if spec.spectral else made


def critic(spec: schema.ConvCritic, shape: Shape, classes: int = 0) -> Blocks:
    """From flat pictures of ``shape`` to one output, told of ``classes`` where the spec has labels; with an
    auxiliary output to their scores besides.
    """
    match spec:
        case schema.DCGANCritic():
            made = _dcgan_critic(spec, shape)
        case schema.ResNetCritic():
            made = _resnet_critic(spec, shape)
        case schema.DeepResNetCritic():
            return _deep_critic(spec, shape)
        case schema.BigGANCritic():
            return biggan.critic(spec, shape, classes)
    made = labelled_critic(made, spec.labels, classes)
    made = attending(made, spec.attention)
    return normalized(made) if spec.spectral else made


def _levels(shape: Shape) -> int:
    """How many halvings lead from the picture to 4 x 4."""
    height, width, _ = shape
    levels = (height // BASE).bit_length() - 1
    if height != width or levels < 1 or BASE << levels != height:
        raise UserError(
            f"pictures of {height} x {width} do not fit a convolutional network\n"
            "    use square pictures with a side that is a power of two, 8 or more"
        )
    return levels


def _norm(kind: schema.Normalization, channels: int, classes: int = 0) -> Blocks:
    return () if kind == "none" else (Norm(kind, channels, classes if kind == "batch" else 0),)


# --- DCGAN ----------------------------------------------------------------------------


def _dcgan_generator(spec: schema.DCGANGenerator, shape: Shape) -> Blocks:
    levels = _levels(shape)
    widths = [spec.width << (0 if spec.constant else levels - 1 - level) for level in range(levels)]
    made = widths[0] * _doubling(spec.activation)
    # WGAN's code starts with a transposed convolution of a 1 x 1 picture: the same as this.
    start: Blocks = (Dense(spec.latent, made * BASE**2, spec.bias), Reshape(BASE, made))
    blocks = [*start, *_dcgan_level(spec, made), *_extra(spec, widths[0], 0, levels)]
    for level, (inputs, outputs) in enumerate(pairwise(widths)):
        made = outputs * _doubling(spec.activation)
        blocks += [Deconv(inputs, made, spec.kernel, BASE << level, spec.bias), *_dcgan_level(spec, made)]
        blocks += _extra(spec, outputs, level + 1, levels)
    last = Deconv(widths[-1], shape[2], spec.kernel, shape[0] // 2, spec.bias)
    return (*blocks, last, Activate("tanh"), Flatten())


def _dcgan_critic(spec: schema.DCGANCritic, shape: Shape) -> Blocks:
    blocks: list[Block] = [Reshape(shape[0], shape[2])]
    channels = shape[2]
    for level in range(_levels(shape)):
        outputs = spec.width << level
        made = outputs * _doubling(spec.activation)
        blocks.append(Conv(channels, made, spec.kernel, shape[0] >> level, 2, spec.bias))
        blocks += _dcgan_level(spec, made) if level else (Activate(spec.activation),)
        channels = outputs
        blocks += _extra(spec, channels, _levels(shape) - 1 - level, _levels(shape))
    # WGAN's code ends with a 4 x 4 convolution of a 4 x 4 picture: the same as this.
    return (*blocks, Flatten(), Dense(channels * BASE**2, 1, spec.bias))


def _extra(
    spec: schema.DCGANGenerator | schema.DCGANCritic, channels: int, level: int, levels: int
) -> list[Block]:
    """The further convolutions at ``level`` doublings from 4 x 4, of ``levels`` sizes."""
    made = channels * _doubling(spec.activation)
    one: list[Block] = [Conv(channels, made, 3, BASE << level, bias=spec.bias), *_dcgan_level(spec, made)]
    share, rest = divmod(spec.extra, levels)
    return one * (share + (level < rest))


def _dcgan_level(spec: schema.DCGANGenerator | schema.DCGANCritic, channels: int) -> Blocks:
    return (*_norm(spec.normalization, channels), Activate(spec.activation))


def _doubling(activation: schema.ImageActivation) -> int:
    return 2 if activation == "gated" else 1


# --- The residual network for CIFAR-10 ------------------------------------------------


def _resnet_generator(spec: schema.ResNetGenerator, shape: Shape, classes: int) -> Blocks:
    width, kind = spec.width, spec.normalization
    blocks: list[Block] = [Dense(spec.latent, width * BASE**2), Reshape(BASE, width)]
    for level in range(_levels(shape)):
        side = BASE << level
        body: Blocks = (
            *_norm(kind, width, classes),
            Activate("relu"),
            # The paper upsamples before the second convolution, its code before the first.
            Upsample(),
            Conv(width, width, 3, 2 * side),
            *_norm(kind, width, classes),
            Activate("relu"),
            Conv(width, width, 3, 2 * side),
        )
        # The code upsamples first; that commutes with a 1 x 1 convolution, which is cheaper here.
        blocks.append(Residual(body, (Conv(width, width, 1, side, rectified=False), Upsample())))
    # The last normalisation is without labels in the code, too.
    end: Blocks = (*_norm(kind, width), Activate("relu"), Conv(width, shape[2], 3, shape[0], rectified=False))
    return (*blocks, *end, Activate("tanh"), Flatten())


def _resnet_critic(spec: schema.ResNetCritic, shape: Shape) -> Blocks:
    _levels(shape)
    width, side = spec.width, shape[0]
    plain = Residual(_resnet_body(spec, side // 4))
    pooled = Residual((*_resnet_body(spec, side // 2), MeanPool()), _pooled(width, width, side // 2))
    first, end = _first_block(shape, width), Dense(width, 1)
    return (Reshape(side, shape[2]), first, pooled, plain, plain, Activate("relu"), GlobalMean(), end)


def _first_block(shape: Shape, width: int) -> Residual:
    """Without a normalisation or an activation of the picture itself."""
    side, _, channels = shape
    convolutions = Conv(channels, width, 3, side), Activate("relu"), Conv(width, width, 3, side)
    return Residual((*convolutions, MeanPool()), _pooled(channels, width, side))


def _resnet_body(spec: schema.ResNetCritic, side: int) -> Blocks:
    half: Blocks = (
        *_norm(spec.normalization, spec.width),
        Activate("relu"),
        Conv(spec.width, spec.width, 3, side),
    )
    return half + half


def _pooled(inputs: int, outputs: int, side: int) -> Blocks:
    # In later blocks the code pools last; that commutes with a 1 x 1 convolution.
    return (MeanPool(), Conv(inputs, outputs, 1, side // 2, rectified=False))


# --- The residual network of 101 layers -----------------------------------------------


def _deep_generator(spec: schema.DeepResNetGenerator, shape: Shape) -> Blocks:
    widths, plain = _deep_plan(spec, shape)
    blocks: list[Block] = [Dense(spec.latent, widths[0] * BASE**2), Reshape(BASE, widths[0])]
    for level, (width, count) in enumerate(zip(widths, plain, strict=True)):
        side = BASE << level
        if level:
            blocks.append(_up(spec, widths[level - 1], width, side // 2))
        blocks += [_bottleneck(spec, width, side)] * count
    end: Blocks = (Conv(widths[-1], shape[2], 1, shape[0], rectified=False), Scale(0.2), Activate("tanh"))
    return (*blocks, *end, Flatten())


def _deep_critic(spec: schema.DeepResNetCritic, shape: Shape) -> Blocks:
    widths, plain = (values[::-1] for values in _deep_plan(spec, shape))
    blocks: list[Block] = [
        Reshape(shape[0], shape[2]),
        Conv(shape[2], widths[0], 1, shape[0], rectified=False),
    ]
    for level, (width, count) in enumerate(zip(widths, plain, strict=True)):
        side = shape[0] >> level
        if level:
            blocks.append(_down(spec, widths[level - 1], width, 2 * side))
        blocks += [_bottleneck(spec, width, side)] * count
    return (*blocks, Flatten(), Dense(widths[-1] * BASE**2, 1), Scale(0.2))


DeepSpec = schema.DeepResNetGenerator | schema.DeepResNetCritic


def _deep_plan(spec: DeepSpec, shape: Shape) -> tuple[list[int], list[int]]:
    """Channels, and blocks that keep the size, at each size from 4 x 4 up.

    At 64 x 64 with 33 blocks the code's: 512, 256, 128, 64 and 32 channels, and 6, 6, 6, 6 and 5
    blocks besides the four that change the size.
    """
    levels = _levels(shape)
    if spec.blocks < levels:
        raise UserError(
            f"a deep_resnet of {spec.blocks} blocks does not reach {shape[0]} x {shape[1]}\n"
            f"    give it at least {levels} blocks, one for each doubling of the side"
        )
    sizes = levels + 1
    widths = [max((spec.width << (levels - level)) // 2, 1) for level in range(sizes)]
    share, rest = divmod(spec.blocks - levels, sizes)
    return widths, [share + (level < rest) for level in range(sizes)]


def _bottleneck(spec: DeepSpec, width: int, side: int) -> Residual:
    half = _half(width)
    return _deep_block(spec, Conv(width, half, 1, side), Conv(half, half, 3, side), width, side, ())


def _up(spec: DeepSpec, inputs: int, outputs: int, side: int) -> Residual:
    shortcut: Blocks = (Conv(inputs, 4 * outputs, 1, side, rectified=False), Shuffle())
    middle = Deconv(_half(inputs), _half(outputs), 3, side)
    return _deep_block(spec, Conv(inputs, _half(inputs), 1, side), middle, outputs, 2 * side, shortcut)


def _down(spec: DeepSpec, inputs: int, outputs: int, side: int) -> Residual:
    shortcut: Blocks = (Conv(inputs, outputs, 1, side, 2, rectified=False),)
    middle = Conv(_half(inputs), _half(outputs), 3, side, 2)
    return _deep_block(spec, Conv(inputs, _half(inputs), 1, side), middle, outputs, side // 2, shortcut)


def _deep_block(
    spec: DeepSpec, narrow: Conv, middle: Conv | Deconv, outputs: int, side: int, shortcut: Blocks
) -> Residual:
    """The last convolution makes pictures of ``side``; a normalisation only comes after it."""
    relu = Activate("relu")
    widen = Conv(middle.outputs, outputs, 1, side, bias=False)
    body: Blocks = (relu, narrow, relu, middle, relu, widen, *_norm(spec.normalization, outputs))
    return Residual(body, shortcut, 0.3)


def _half(channels: int) -> int:
    return max(channels // 2, 1)
