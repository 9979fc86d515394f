"""docs/differences.md says of settings what the files say."""

import re
from functools import cache
from typing import Any

import pytest

from suite.spec.library import select
from suite.spec.load import load
from suite.spec.schema import Experiment
from tests.docs.pages import DOCS, ROOT, text

PAGE = text(DOCS / "differences.md")
SHOWN = re.compile(r"`([a-z-]+/[a-z0-9-]+)`(?:: ((?:`[^`]+`(?:, beside |, )?)+))?")
NAMED = sorted({match[1] for match in SHOWN.finditer(PAGE) if not match[1].startswith("tests/")})
SETTINGS: list[tuple[str, str, str, Any]] = [
    ("wgan-gp/unit-gradient", "penalty 10", "constraint.weight", 10),
    ("wgan-gp/unit-gradient", "penalty 0.1", "constraint.weight", 0.1),
    ("wgan-gp/value-surfaces", "penalty 1", "constraint.weight", 1),
    ("wgan-gp/value-surfaces", "penalty 10", "critic.layers", 3),
    ("wgan-gp/value-surfaces", "penalty 10", "critic.width", 1024),
    ("wgan-gp/value-surfaces", "penalty 10", "batch_size", 1024),
    ("wgan-gp/value-surfaces", "penalty 10", "critic_steps", 10),
    ("wgan/mode-coverage", "penalty", "constraint.weight", 0.1),
    ("wgan-gp/training-curves", "penalty, Adam", "optimizer.betas", (0.5, 0.9)),
    ("wgan-gp/training-curves", "penalty, Adam", "critic.normalization", "none"),
    ("wgan-gp/training-curves", "penalty, Adam", "probes.inception.samples", 1000),
    ("wgan-gp/seven-architectures", "wgan-gp, baseline", "optimizer.betas", (0.5, 0.9)),
    ("wgan-gp/seven-architectures", "wgan-gp, baseline", "critic.normalization", "layer"),
    ("wgan-gp/seven-architectures", "wgan, resnet", "critic.normalization", "layer"),
    ("wgan-gp/seven-architectures", "wgan, resnet", "critic.blocks", 33),
    ("wgan-gp/seven-architectures", "wgan, nothing normalised", "critic.normalization", "none"),
    ("wgan-gp/cifar10", "wgan-gp", "optimizer.betas", (0, 0.9)),
    ("wgan-gp/cifar10", "wgan-gp", "batch_size", 64),
    ("wgan-gp/cifar10", "wgan-gp", "optimizer.decay_over", 500_000),
    ("wgan-gp/cifar10", "wgan-gp", "probes.inception.samples", 50_000),
    ("wgan-gp/random-architectures", "wgan-gp", "optimizer.betas", (0, 0.9)),
    ("wgan-gp/critic-batchnorm", "batch", "critic.normalization", "batch"),
    ("wgan-gp/critic-batchnorm", "layer", "critic.normalization", "layer"),
    ("wgan-gp/penalty-strength", "one-sided", "constraint.sided", "one"),
    ("wgan-gp/gradient-norms", "clip 0.1", "critic.width", 512),
    ("wgan-gp/gradient-norms", "clip 0.1", "optimizer.lr", 5e-5),
    ("wgan-gp/gradient-norms", "clip 0.1", "batch_size", 256),
    ("wgan-gp/bimodal-weights", "clip inside", "critic.initialization.bound", 0.005),
    ("wgan-gp/overfitting", "clip, few", "data.limit", 1000),
    ("wgan-gp/language", "gan", "critic_steps", 1),
    ("wgan-gp/language", "gan, as many steps", "critic_steps", 10),
    ("wgan/generator-robustness", "wgan, dcgan", "critic.normalization", "batch"),
    ("wgan/generator-robustness", "wgan, dcgan", "critic_steps", 5),
    ("wgan/generator-robustness", "wgan, no batchnorm", "generator.constant", True),
    ("wgan/generator-robustness", "wgan, mlp", "generator.layers", 5),
    ("wgan/generator-robustness", "wgan, mlp", "generator.output", "tanh"),
    ("wgan/two-gaussians", "minimax", "data.deviation", 0.5),
    ("wgan/two-gaussians", "minimax", "critic.layers", 3),
    ("wgan/optimizer-choice", "adam 0.9", "optimizer.betas", (0.9, 0.999)),
    ("wgan/optimizer-choice", "adam 0.9", "optimizer.lr", 5e-5),
    ("gan/dcgan-needs-batchnorm", "gan, nowhere", "critic.normalization", "none"),
    ("gan/two-time-scales", "two rates", "optimizer.lr", 3e-4),
    ("gan/two-time-scales", "two rates", "critic_steps", 1),
    ("gan/two-time-scales", "one rate", "critic_steps", 5),
    ("cgan/label-following", "auxiliary", "auxiliary.generator", 1),
    ("cgan/label-following", "auxiliary", "auxiliary.on_fakes", True),
    ("sagan/components", "one rate", "optimizer.lr", 2e-4),
    ("sagan/components", "sagan", "optimizer.lr", 4e-4),
    ("sagan/components", "sagan", "generator_optimizer.lr", 1e-4),
    ("biggan/stability", "biggan", "optimizer.lr", 2e-4),
    ("biggan/stability", "biggan", "generator_optimizer.lr", 5e-5),
    ("biggan/stability", "biggan", "critic_steps", 2),
    ("biggan/stability", "one step", "critic_steps", 1),
    ("biggan/stability", "four steps", "critic_steps", 4),
    ("biggan/components", "orthogonal", "orthogonal.weight", 1e-4),
    ("biggan/components", "deep", "critic.depth", 2),
    ("biggan/components", "batch 2048", "batch_size", 2048),
    ("biggan/components", "wide", "generator.width", 96),
    ("biggan/stability", "biggan", "generator.width", 64),
    ("biggan/stability", "biggan", "batch_size", 256),
    ("sagan/components", "sagan", "iterations", 100_000),
    ("sagan/components", "sagan", "batch_size", 64),
    ("wgan/loss-tracks-quality", "rate too high", "optimizer.lr", 5e-3),
]


@cache
def experiment(name: str) -> Experiment:
    """At the paper's scale."""
    (path,) = select(ROOT / "experiments", [name])
    return load(path, "paper")


@pytest.mark.parametrize(("name", "arm", "path", "value"), SETTINGS)
def test_a_setting_is_as_the_page_says(name: str, arm: str, path: str, value: object) -> None:
    found: Any = experiment(name).arms[arm]
    for key in path.split("."):
        found = getattr(found, key)
    assert found == value
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize(
    "name", sorted({match[1] for match in SHOWN.finditer(PAGE) if not match[1].startswith("tests/")})
)
def test_every_experiment_and_arm_that_is_named_is_there(name: str) -> None:
    there = experiment(name).arms.keys() | experiment(name).borrowed.keys()
    for match in SHOWN.finditer(PAGE):
        if match[1] == name and match[2]:
            assert set(re.findall(r"`([^`]+)`", match[2])) <= there
