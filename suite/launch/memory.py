"""How much memory training takes, from its shapes."""

from suite.launch.flops import products
from suite.networks import architectures, blocks, text
from suite.spec import schema
from suite.spec.sizes import classes, dimension, image_shape, is_image, is_text, line_shape

BYTES = 4
COPIES = 6
"""Of the parameters: themselves, gradients, two moments, the step and a scratch copy."""
KEPT = 4
"""Of each layer's outputs: before and after its activation, their gradients, and those of a penalty."""


def megabytes(setting: schema.Setting) -> float:
    """About the memory in MiB that one more replica of a setting takes while it trains."""
    rows = 3 * setting.batch_size // setting.accumulate  # Real and fake samples, and the points of a penalty.
    numbers = COPIES * _parameters(setting) + rows * KEPT * _outputs(setting)
    return BYTES * numbers / 2**20


def _parameters(setting: schema.Setting) -> float:
    """Of both networks; those of a perceptron without its biases."""
    if not (is_image(setting.data) or is_text(setting.data)):
        return sum(products(setting))
    return sum(blocks.parameters(each) for each in _networks(setting)) + sum(_of_perceptrons(setting))


def _outputs(setting: schema.Setting) -> int:
    """Numbers that the layers of both networks put out for one sample, and the sample itself."""
    wide = sum(block_outputs(block) for network in _networks(setting) for block in blocks.walk(network))
    specs = (setting.critic, setting.generator)
    perceptrons = [s for s in specs if isinstance(s, schema.MLPCritic | schema.MLPGenerator)]
    return wide + sum(s.layers * s.width for s in perceptrons) + dimension(setting.data)


def _of_perceptrons(setting: schema.Setting) -> tuple[float, float]:
    by_critic, by_generator = products(setting)
    return (
        by_critic if isinstance(setting.critic, schema.MLPCritic) else 0.0,
        by_generator if isinstance(setting.generator, schema.MLPGenerator) else 0.0,
    )


def _networks(setting: schema.Setting) -> list[architectures.Blocks]:
    """The networks of convolutions."""
    if is_text(setting.data):
        return _of_text(setting, line_shape(setting.data))
    if not is_image(setting.data):
        return []
    shape, count, found = image_shape(setting.data), classes(setting.data), []
    if isinstance(setting.critic, schema.ConvCritic):
        found.append(architectures.critic(setting.critic, shape, count))
    if isinstance(setting.generator, schema.ConvGenerator):
        found.append(architectures.generator(setting.generator, shape, count))
    return found


def _of_text(setting: schema.Setting, shape: tuple[int, int]) -> list[architectures.Blocks]:
    found = []
    if isinstance(setting.critic, schema.TextCritic):
        found.append(text.critic(setting.critic, shape))
    if isinstance(setting.generator, schema.TextGenerator):
        found.append(text.generator(setting.generator, shape))
    return found


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
