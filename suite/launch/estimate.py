"""About how long a batch takes on one core: what its runs took for the reference, or a formula.

The formula's constants are least-squares fits to the runs of the reference, on its machine, a Xeon with
AVX-512; ``benchmarks/estimate.py`` says how far from these it is.
"""

import math
from collections.abc import Sequence

from suite.launch import pack_networks
from suite.launch.costs import known
from suite.launch.flops import flops_of_run
from suite.spec import schema
from suite.spec.runs import Run
from suite.spec.schema import Setting
from suite.spec.sizes import is_image, is_text

FLOPS_A_SECOND = 6.6e10
"""Of the matrix products of a step, its other work counted in, where layers are ``WIDTH`` wide."""
WIDTH = 64
WIDER = 0.25
"""The power of the width that the speed of products grows with, from 64 to 512."""
UNKNOWN_DEPTH = 4
"""Layers of a critic that only its pack knows."""
CALL_SECONDS = 6.3e-7
"""Of one tensor operation, whatever its size."""
PAIR_SECONDS = 7.6e-8
"""Of exact optimal transport, for each pair of a real and a fake sample."""
NORMALIZED = 3.5
"""How much longer a step takes by autograd, which normalised critics need."""
MATCHED = ("quality", "interpolates", "fake_gradients", "divergences")
"""The probes that solve a transport problem for each run."""


LAYER_SECONDS = 5.3e-4
"""Of a critic's layer of convolutions in one step of a batch, whatever its size."""
STEP_SECONDS = 6.3e-4
"""Of a step of one run with images, beside its layers and products."""
IMAGE_FLOPS_A_SECOND = 5.3e10
POINT_SECONDS = 0.0135
"""Of a probe that generates or judges images, for each of its points."""
CURVE = 25
"""Sets of images that the probe of truncation judges at each of its points."""
JUDGES = ("image_quality", "label_following", "validation", "discrimination", "memorisation")


def seconds(runs: Sequence[Run]) -> float:
    """Estimated seconds of a batch of runs of one shape."""
    measured = [known(run) for run in runs]
    return sum(filter(None, measured)) if None not in measured else by_formula(runs)


def by_formula(runs: Sequence[Run]) -> float:
    """The same of runs that nobody has trained before."""
    setting = runs[0].setting
    if is_image(setting.data) or is_text(setting.data):
        return _of_images(setting, len(runs))
    steps = setting.warmup + setting.iterations * (setting.critic_steps + 1)
    calls = steps * (40 + 14 * depth(setting.critic)) * CALL_SECONDS
    critic = pack_networks.critic(setting.critic)
    wider = getattr(critic, "width", WIDTH) / WIDTH
    products = len(runs) * flops_of_run(setting) / (FLOPS_A_SECOND * math.pow(wider, WIDER))
    slower = 1.0 if getattr(critic, "normalization", "none") == "none" else NORMALIZED
    return slower * (calls + products) + len(runs) * _probing(setting)


def _of_images(setting: Setting, replicas: int) -> float:
    steps = setting.warmup + setting.iterations * (setting.critic_steps + 1)
    probes = [probe for name in JUDGES if (probe := getattr(setting.probes, name)) is not None]
    points: int = sum(probe.points + 1 for probe in probes)
    truncation = setting.probes.truncation
    points += 0 if truncation is None else CURVE * (truncation.points + 1)
    of_run = steps * STEP_SECONDS + flops_of_run(setting) / IMAGE_FLOPS_A_SECOND + points * POINT_SECONDS
    return steps * depth(setting.critic) * LAYER_SECONDS + replicas * (of_run + _probing(setting))


def depth(critic: schema.Critic) -> int:
    """About how many layers a critic has."""
    critic = pack_networks.critic(critic)
    match critic:
        case schema.MLPCritic(layers=layers):
            return layers
        case schema.DCGANCritic():
            return 4
        case schema.ResNetCritic():
            return 10
        case schema.BigGANCritic():
            return 12
        case schema.DeepResNetCritic(blocks=blocks):
            return 3 * blocks + 2
        case schema.TextCritic(blocks=blocks):
            return 2 * blocks + 2
        case schema.PackCritic():
            return UNKNOWN_DEPTH


def _probing(setting: Setting) -> float:
    """Seconds of one run's probes."""
    spent = 0.0
    for name in MATCHED:
        probe = getattr(setting.probes, name)
        spent += 0.0 if probe is None else PAIR_SECONDS * (probe.points + 1) * probe.samples**2
    return spent
