"""How many floating-point operations a run needs, from its shapes."""

from suite.spec import schema


def flops_of_run(setting: schema.Setting) -> float:
    """Operations of a run's matrix products (a multiplication and an addition are two).

    A critic step is a forward pass, a backward pass and the products of the weight gradients
    over real and fake samples; a penalty adds one row in two, and one more forward pass of it.
    """
    dimension = 1 if isinstance(setting.data, schema.TwoGaussians) else 2
    critic = weights(setting.critic, dimension, 1)
    made = setting.generator
    generator = weights(made, made.latent, dimension) if isinstance(made, schema.MLPGenerator) else 0
    penalised = isinstance(setting.constraint, schema.GradientPenalty)
    rows = 2 * setting.batch_size
    step = rows * (critic * (10 if penalised else 6) + generator)
    move = rows * (3 * generator + 2 * critic) if generator else 0
    steps = setting.warmup + setting.iterations * setting.critic_steps
    return float(steps * step + setting.iterations * move)


def weights(spec: schema.Critic | schema.MLPGenerator, inputs: int, outputs: int) -> int:
    """Number of weights of a perceptron, biases apart."""
    if spec.layers == 1:
        return inputs * outputs
    return spec.width * (inputs + outputs + (spec.layers - 2) * spec.width)
