"""How many floating-point operations a run needs, from its shapes."""

from suite.launch import like
from suite.networks import architectures, blocks, text
from suite.spec import schema
from suite.spec.sizes import classes, dimension, image_shape, is_image, is_text, line_shape


def flops_of_run(setting: schema.Setting) -> float:
    """Operations of a run's matrix products (a multiplication and an addition are two).

    A critic step is a forward pass, a backward pass and the products of the weight gradients
    over real and fake samples; a penalty adds one row in two, and one more forward pass of it.
    """
    critic, generator = products(setting)
    penalised = isinstance(setting.constraint, schema.GradientPenalty | schema.R1)
    rows = 2 * setting.batch_size
    step = rows * (critic * (10 if penalised else 6) + generator)
    move = rows * (3 * generator + 2 * critic) if generator else 0
    steps = setting.warmup + setting.iterations * setting.critic_steps
    moves = min(setting.iterations, setting.freeze_at or setting.iterations, _frozen_at(setting))
    return float(steps * step + moves * move)


def _frozen_at(setting: schema.Setting) -> int:
    freeze = setting.freeze
    return freeze.at if freeze is not None and freeze.network == "generator" else setting.iterations


def products(setting: schema.Setting) -> tuple[float, float]:
    """Multiplications of critic and generator for one sample's forward pass, biases apart."""
    data, critic, made = setting.data, like.critic(setting.critic), like.generator(setting.generator)
    size = dimension(data)
    by_critic, by_generator = 0.0, 0.0
    if isinstance(critic, schema.MLPCritic):
        by_critic = weights(critic, size, 1)
    elif isinstance(critic, schema.TextCritic) and is_text(data):
        by_critic = blocks.flops(text.critic(critic, line_shape(data))) / 2
    elif isinstance(critic, schema.ConvCritic) and is_image(data):
        by_critic = blocks.flops(architectures.critic(critic, image_shape(data), classes(data))) / 2
    if isinstance(made, schema.MLPGenerator):
        by_generator = weights(made, made.latent, size)
    elif isinstance(made, schema.ConvGenerator) and is_image(data):
        by_generator = blocks.flops(architectures.generator(made, image_shape(data), classes(data))) / 2
    elif isinstance(made, schema.TextGenerator) and is_text(data):
        by_generator = blocks.flops(text.generator(made, line_shape(data))) / 2
    return by_critic, by_generator


def weights(spec: schema.MLPCritic | schema.MLPGenerator, inputs: int, outputs: int) -> int:
    """Number of weights of a perceptron, biases apart."""
    if spec.layers == 1:
        return inputs * outputs
    return spec.width * (inputs + outputs + (spec.layers - 2) * spec.width)
