"""How fast a machine is at what runs are made of: a short piece of training, always the same."""

import time
from typing import Final

import torch

from suite.spec import schema
from suite.spec.runs import Run
from suite.training.cohort import Cohort
from suite.training.loop import train
from suite.training.state import start

REPLICAS: Final = 6
ROUNDS: Final = 3
PENALTY: Final = schema.GradientPenalty(weight=10.0)
ADAM: Final = schema.Adam(lr=1e-3, betas=(0.5, 0.9))
TOY: Final = schema.Setting(
    data=schema.EightGaussians(),
    generator=schema.MLPGenerator(layers=4, width=64, latent=2),
    critic=schema.MLPCritic(layers=4, width=64),
    loss="wasserstein",
    constraint=PENALTY,
    optimizer=ADAM,
    batch_size=128,
    critic_steps=5,
    iterations=20,
)
IMAGES: Final = schema.Setting(
    data=schema.Digits(),
    generator=schema.DCGANGenerator(width=8, latent=32),
    critic=schema.DCGANCritic(width=8, normalization="none"),
    loss="wasserstein",
    constraint=PENALTY,
    optimizer=ADAM,
    batch_size=32,
    critic_steps=3,
    iterations=10,
)


def gauge() -> float:
    """Seconds of one core that toy and image networks take together, the best of a few rounds."""
    torch.set_num_threads(1)
    return sum(min(_seconds(setting) for _ in range(ROUNDS)) for setting in (TOY, IMAGES))


def _seconds(setting: schema.Setting) -> float:
    seeds = range(REPLICAS)
    runs = (Run(experiment="gauge", scale="desk", arm="any", seed=seed, setting=setting) for seed in seeds)
    cohort = Cohort.of(runs, torch.device("cpu"))
    state = start(cohort)
    begun = time.process_time()
    train(cohort, state, lambda _: None)
    return time.process_time() - begun
