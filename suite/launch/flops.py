"""How many floating-point operations a run needs, from its shapes."""

from suite.launch import shapes
from suite.networks import blocks
from suite.spec import schema


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
    return _products(shapes.critic(setting)), _products(shapes.generator(setting))


def _products(network: shapes.Shape | None) -> float:
    match network:
        case None:
            return 0.0
        case shapes.Perceptron():
            return network.weights
        case _:
            return blocks.flops(network) / 2
