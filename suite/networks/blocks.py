"""Image networks as data: what each is made of, how many parameters and operations it has.

A network is a tuple of blocks, applied in order. Nothing here computes with tensors, so that a plan
can count parameters and operations without loading torch.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from math import prod
from typing import Literal, NamedTuple

from suite.spec.schema import ImageActivation

Role = Literal["weight", "bias", "gain", "shift", "vector"]
"""``vector``: not trained, an estimate that goes along with a weight (see ``suite.networks.spectral``)."""


class Parameter(NamedTuple):
    """One parameter tensor of one replica, and what an initialisation needs to know of it."""

    role: Role
    shape: tuple[int, int]
    fan_in: int
    """How many inputs reach one output."""
    fan_out: int
    """How many outputs one input reaches."""
    numerator: int = 2
    """Of the variance numerator / (fan_in + fan_out): 2 is Glorot's, 4 keeps it through a ReLU."""


@dataclass(frozen=True, slots=True)
class Dense:
    """A linear layer of vectors."""

    inputs: int
    outputs: int
    bias: bool = True
    spectral: bool = False
    """Whether its weight is divided by an estimate of its largest singular value."""


@dataclass(frozen=True, slots=True)
class Conv:
    """A convolution of pictures of side ``size``, padded as TensorFlow's SAME (see ``padding``)."""

    inputs: int
    outputs: int
    kernel: int
    size: int
    stride: int = 1
    bias: bool = True
    rectified: bool = True
    """Whether tflib's initialisation allows for a ReLU: not in shortcuts and at the network's ends."""
    spectral: bool = False


@dataclass(frozen=True, slots=True)
class Deconv:
    """The transpose of a convolution of stride 2: from side ``size`` to twice that."""

    inputs: int
    outputs: int
    kernel: int
    size: int
    bias: bool = True
    spectral: bool = False


@dataclass(frozen=True, slots=True)
class Embedding:
    """A table: one row for each class."""

    classes: int
    width: int
    spectral: bool = False

    @property
    def outputs(self) -> int:
        """Columns of its weight."""
        return self.width


@dataclass(frozen=True, slots=True)
class LineConv:
    """A convolution of stride 1 along lines of ``length`` places, zeros around them."""

    inputs: int
    outputs: int
    kernel: int
    length: int
    bias: bool = True
    spectral: bool = False


@dataclass(frozen=True, slots=True)
class Norm:
    """Normalisation with a gain and a shift for each channel, and each class where there are any."""

    kind: Literal["batch", "layer"]
    channels: int
    classes: int = 0
    beyond_one: bool = False
    """Whether the gain is 1 + a parameter that starts at 0 (BigGAN's code), not one that starts at 1."""


@dataclass(frozen=True, slots=True)
class Activate:
    """An activation; ``gated`` halves the channels: sigmoid of the even ones times tanh of the odd."""

    kind: ImageActivation


@dataclass(frozen=True, slots=True)
class Reshape:
    """From vectors to square pictures, channels last."""

    size: int
    channels: int


@dataclass(frozen=True, slots=True)
class Lines:
    """From vectors to lines, channels last."""

    length: int
    channels: int


@dataclass(frozen=True, slots=True)
class Softmax:
    """At each place the channels become positive, with sum 1."""


@dataclass(frozen=True, slots=True)
class Flatten:
    """From pictures or lines to vectors."""


@dataclass(frozen=True, slots=True)
class Upsample:
    """Each pixel becomes a square of 2 x 2."""


@dataclass(frozen=True, slots=True)
class Shuffle:
    """Each pixel's channels, in four equal parts, become a square of 2 x 2 (TensorFlow's
    depth_to_space).
    """


@dataclass(frozen=True, slots=True)
class MeanPool:
    """Each square of 2 x 2 becomes its mean."""


@dataclass(frozen=True, slots=True)
class GlobalMean:
    """Each picture becomes the vector of its channels' means."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Multiplication by a constant."""

    factor: float


@dataclass(frozen=True, slots=True)
class Residual:
    """shortcut(x) + factor * body(x); an empty shortcut is the identity."""

    body: tuple["Block", ...]
    shortcut: tuple["Block", ...] = ()
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Heads:
    """The critic's output and the class scores of the same vector (AC-GAN), side by side."""

    critic: Dense
    classes: Dense


@dataclass(frozen=True, slots=True)
class Projected:
    """The critic's output plus the product of the label's row with what it is worked out from."""

    critic: Dense
    classes: Embedding


@dataclass(frozen=True, slots=True)
class Gate:
    """Multiplication by a trained number that starts at 0."""


@dataclass(frozen=True, slots=True)
class Attention:
    """SAGAN's self-attention: x + gate * end(what each place attends to), as in its code.

    Keys and values are those of every fourth place, the largest of each square of 2 x 2.
    """

    query: Conv
    key: Conv
    value: Conv
    end: Conv


@dataclass(frozen=True, slots=True)
class Join:
    """The label beside the channels: a channel for each class, 1 in the label's and 0 in the others."""

    classes: int


@dataclass(frozen=True, slots=True)
class ConditionalNorm:
    """Batch normalisation with a gain, 1 + what one linear layer makes of a condition, and a shift, what
    another makes of it (see ``Hierarchy``).
    """

    gain: Dense
    shift: Dense
    part: int
    """Which of the conditions."""


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The body, fed with the first part of the noise; what the class and the other parts make are
    conditions of the normalisations in it (BigGAN).

    A condition is the class's row of the embedding and beside it, with skip-z, a part of the noise:
    the first condition that which follows the body's.
    """

    classes: Embedding
    parts: int
    """Equal parts of the noise; 1 where all of it goes into the body, and there is one condition."""
    body: tuple["Block", ...]


Block = (
    Dense
    | Embedding
    | Conv
    | Deconv
    | LineConv
    | Norm
    | Activate
    | Reshape
    | Lines
    | Softmax
    | Flatten
    | Upsample
    | Shuffle
    | MeanPool
    | GlobalMean
    | Scale
    | Residual
    | Heads
    | Projected
    | Join
    | Gate
    | Attention
    | ConditionalNorm
    | Hierarchy
)
Weighted = Dense | Conv | Deconv | LineConv
Normalizable = Weighted | Embedding
"""The blocks with a weight that may be divided by its largest singular value."""


def padding(kernel: int, stride: int) -> tuple[int, int]:
    """Rows of zeros before and after a picture: TensorFlow's SAME, for a side divisible by the stride.

    The side is divided by the stride. Kernel 4 at stride 2 gets (1, 1), which is
    DCGAN's padding; kernel 5 gets (1, 2), kernel 3 (0, 1). At stride 1 kernel 3 gets (1, 1).
    """
    total = max(kernel - stride, 0)
    return total // 2, total - total // 2


def walk(blocks: Iterable[Block]) -> Iterator[Block]:
    """Every block in the order in which parameters lie: a shortcut before its body."""
    for block in blocks:
        if isinstance(block, Residual):
            yield from walk(chain(block.shortcut, block.body))
        elif isinstance(block, Heads | Projected):
            yield from (block.critic, block.classes)
        elif isinstance(block, Attention):
            yield from (block.query, block.key, block.value, block.end, Gate())
        elif isinstance(block, ConditionalNorm):
            yield from (block.gain, block.shift)
        elif isinstance(block, Hierarchy):
            yield from (block.classes, *walk(block.body))
        else:
            yield block


def tensors(blocks: Iterable[Block]) -> tuple[Parameter, ...]:
    """The parameter tensors of a network, in the order in which they lie."""
    return tuple(chain.from_iterable(_tensors(block) for block in walk(blocks)))


def parameters(blocks: Iterable[Block]) -> int:
    """Number of parameters of a network, but for the vectors, which are not trained."""
    return sum(prod(tensor.shape) for tensor in tensors(blocks) if tensor.role != "vector")


def flops(blocks: Iterable[Block]) -> float:
    """Operations of one sample's forward pass: those of matrix products and convolutions only.

    A multiplication and an addition are two.
    """
    return float(sum(2 * _products(block) for block in walk(blocks) if isinstance(block, Weighted)))


def _products(block: Weighted) -> int:
    match block:
        case Dense():
            return block.inputs * block.outputs
        case Conv():
            return block.inputs * block.outputs * block.kernel**2 * (block.size // block.stride) ** 2
        case Deconv():
            return block.inputs * block.outputs * block.kernel**2 * block.size**2
        case LineConv():
            return block.inputs * block.outputs * block.kernel * block.length


def _tensors(block: Block) -> tuple[Parameter, ...]:
    match block:
        case Norm():
            shape = (max(block.classes, 1), block.channels)
            gain: Role = "shift" if block.beyond_one else "gain"
            return Parameter(gain, shape, 1, 1), Parameter("shift", shape, 1, 1)
        case Dense() | Conv() | Deconv() | LineConv():
            weight = _weight(block)
            bias = (weight._replace(role="bias", shape=(1, block.outputs)),) if block.bias else ()
            return weight, *bias, *_vector(block)
        case Gate():
            return (Parameter("shift", (1, 1), 1, 1),)
        case Embedding(classes, width):
            return Parameter("weight", (classes, width), width, 1), *_vector(block)
        case _:
            return ()


def _vector(block: Normalizable) -> tuple[Parameter, ...]:
    return (Parameter("vector", (1, block.outputs), 1, 1),) if block.spectral else ()


def _weight(block: Weighted) -> Parameter:
    match block:
        case Dense(inputs, outputs):
            return Parameter("weight", (inputs, outputs), inputs, outputs)
        case Conv(inputs, outputs):
            area = block.kernel**2
            fans = inputs * area, outputs * area // block.stride**2
            return Parameter("weight", (area * inputs, outputs), *fans, 4 if block.rectified else 2)
        case Deconv(inputs, outputs):
            area = block.kernel**2
            return Parameter("weight", (inputs, area * outputs), inputs * area // 4, outputs * area, 4)
        case LineConv(inputs, outputs, kernel):
            # conv1d.py allows for a ReLU everywhere, at the ends too.
            return Parameter("weight", (kernel * inputs, outputs), kernel * inputs, kernel * outputs, 4)
