"""How much memory training takes, from its shapes."""

from suite.launch import shapes
from suite.networks import blocks
from suite.spec import schema
from suite.spec.sizes import dimension

BYTES = 4
COPIES = 6
"""Of the parameters: themselves, gradients, two moments, the step and a scratch copy."""
KEPT = 4
"""Of each layer's outputs: before and after its activation, their gradients, and those of a penalty."""


def megabytes(setting: schema.Setting) -> float:
    """About the memory in MiB that one more replica of a setting takes while it trains."""
    networks = [each for each in (shapes.critic(setting), shapes.generator(setting)) if each is not None]
    rows = 3 * setting.batch_size // setting.accumulate  # Real and fake samples, and the points of a penalty.
    outputs = dimension(setting.data) + sum(map(_outputs, networks))
    return BYTES * (COPIES * sum(map(_parameters, networks)) + rows * KEPT * outputs) / 2**20


def _parameters(network: shapes.Shape) -> int:
    """Those of a perceptron without its biases."""
    return network.weights if isinstance(network, shapes.Perceptron) else blocks.parameters(network)


def _outputs(network: shapes.Shape) -> int:
    """Numbers that all layers put out for one sample."""
    if isinstance(network, shapes.Perceptron):
        return network.layers * network.width
    return sum(map(block_outputs, blocks.walk(network)))


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
