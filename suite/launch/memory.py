"""How much memory training and its probes take, from their shapes; how many runs a GPU has room for."""

from collections.abc import Iterable, Sequence

from suite.launch import gpu, shapes
from suite.launch.batches import REPLICAS
from suite.networks import blocks
from suite.spec import schema
from suite.spec.sizes import AT_ONCE, dimension, is_image, is_text

BYTES = 4
COPIES = 6
"""Of the parameters: themselves, gradients, two moments, the step and a scratch copy."""
KEPT = 4
"""Of each layer's outputs: before and after its activation, their gradients, and those of a penalty."""
ALIVE = 5
"""Of the largest layer's outputs where no derivative is asked for: a block's input, padded and turned, its
output and the shortcut's.
"""
PROBED = 3
"""Of the numbers of samples that a probe looks at: themselves, and what takes two places each in float64."""
WIDE = 2
"""Places of a number in float64, which a critic's outputs on points are, kept for gradients there."""
SHARE = 0.8
"""Of a GPU's memory that may be planned with."""


def fitting(setting: schema.Setting, memory: float) -> int:
    """How many replicas of a setting a GPU of so many MiB can train at once."""
    count = max(int(SHARE * memory / megabytes(setting)), 1)
    return count if shapes.are_known(setting) else min(count, REPLICAS)


def replicas(setting: schema.Setting, workers: int) -> int:
    """How many runs of a setting are trained here in one batch, at the most; workers share one GPU."""
    memory = gpu.memory()
    return fitting(setting, memory / workers) if memory else REPLICAS


def megabytes(setting: schema.Setting) -> float:
    """About the memory in MiB that one more replica of a setting takes while it trains and is probed: what a
    recorded iteration works on is not lent to probes.
    """
    networks = [each for each in (shapes.critic(setting), shapes.generator(setting)) if each is not None]
    rows = 3 * setting.batch_size // setting.accumulate  # Real and fake samples, and the points of a penalty.
    outputs = [list(_outputs(each)) for each in networks]
    trained = rows * KEPT * (dimension(setting.data) + sum(map(sum, outputs)))
    numbers = COPIES * sum(map(_parameters, networks)) + trained + _probed(setting, outputs)
    return BYTES * numbers / 2**20


def _probed(setting: schema.Setting, outputs: Sequence[Sequence[int]]) -> int:
    """Numbers that probes work on: of points every layer's at once, of what is larger the largest layer's."""
    seen = _samples(setting)
    if not (is_image(setting.data) or is_text(setting.data)):
        return WIDE * seen * max(map(sum, outputs), default=0)
    largest = max(map(max, outputs), default=0)
    return PROBED * seen * dimension(setting.data) + min(seen, AT_ONCE) * ALIVE * largest


def _samples(setting: schema.Setting) -> int:
    """The most that a probe looks at."""
    probes = (getattr(setting.probes, name) for name in setting.probes.__struct_fields__)
    grid = setting.probes.surface.grid ** dimension(setting.data) if setting.probes.surface else 0
    return max(grid, *(getattr(probe, "samples", 0) for probe in probes))


def _parameters(network: shapes.Shape) -> int:
    """Those of a perceptron without its biases."""
    return network.weights if isinstance(network, shapes.Perceptron) else blocks.parameters(network)


def _outputs(network: shapes.Shape) -> Iterable[int]:
    """Numbers that each layer puts out for one sample."""
    if isinstance(network, shapes.Perceptron):
        return [network.width] * network.layers
    return map(block_outputs, blocks.walk(network))


def block_outputs(block: blocks.Block) -> int:
    """Numbers that a layer puts out for one sample."""
    match block:
        case blocks.Dense(_, outputs):
            return outputs
        case blocks.Conv():
            return block.outputs * (block.size // block.stride) ** 2
        case blocks.LineConv():
            return block.outputs * block.length
        case blocks.Deconv():
            return block.outputs * (2 * block.size) ** 2
        case _:
            return 0
