"""Runs on images, too, have the same bits in any company, however often they are stopped."""

import pytest
import torch

from suite.data import images
from suite.launch.batches import shape
from suite.spec import schema
from suite.spec.runs import Run
from suite.training.bounds import bounds
from suite.training.cohort import Cohort
from suite.training.draws import critic_draws, steps_of
from suite.training.loop import critic_step
from suite.training.state import start
from tests.training.settings import ADAM, CPU, RMSPROP, assert_same, image_run, resumed, stopped, trained

GAN = {"loss": "non_saturating", "constraint": schema.Unconstrained()}
CLIP = {"constraint": schema.Clip(bound=0.05), "optimizer": RMSPROP}
GENERATOR, CRITIC = schema.DCGANGenerator, schema.DCGANCritic
MLP = schema.MLPGenerator(layers=3, width=16, latent=4, output="tanh")
BIGGAN = {
    **GAN,
    "loss": "hinge",
    "generator": schema.BigGANGenerator(width=1, latent=6, shared=4, attention=8),
    "critic": schema.BigGANCritic(width=1, attention=8),
    "critic_steps": 1,
    "average": schema.Averaging(decay=0.9, start=1),
    "orthogonal": schema.Orthogonal(weight=1e-2),
}
CASES = {
    "gan, batch norm": {**GAN, "critic": CRITIC(width=2)},
    "clip, batch norm": {**CLIP, "critic": CRITIC(width=2)},
    "penalty": {},
    "penalty, layer norm": {"critic": CRITIC(width=2, normalization="layer")},
    "penalty, batch norm": {"critic": CRITIC(width=2, normalization="batch")},
    "perceptron": {"generator": MLP},
    "perceptrons": {"generator": MLP, "critic": schema.MLPCritic(layers=3, width=16)},
    "deeper": {
        "generator": GENERATOR(width=2, latent=4, extra=1, activation="softplus"),
        "critic": CRITIC(width=2, extra=2, activation="softplus", normalization="layer"),
        "optimizer": schema.Adam(lr=1e-3, betas=(0.5, 0.9), decay_over=5),
    },
    "gated": {
        "generator": GENERATOR(width=2, latent=4, activation="gated"),
        "critic": CRITIC(width=2, activation="gated", normalization="layer"),
    },
    "tanh": {
        "generator": GENERATOR(width=2, latent=4, activation="tanh"),
        "critic": CRITIC(width=2, activation="tanh", normalization="none"),
    },
    "constant": {
        **CLIP,
        "generator": GENERATOR(width=4, latent=4, constant=True, normalization="none"),
        "critic": CRITIC(width=4),
    },
    "wgan-gp's code": {
        "generator": GENERATOR(width=4, latent=8, kernel=5, bias=True),
        "critic": CRITIC(width=4, kernel=5, bias=True, normalization="layer"),
        "batch_size": 8,
    },
    "one filter": {
        "generator": GENERATOR(width=1, latent=1, constant=True),
        "critic": CRITIC(width=1, normalization="none"),
        "batch_size": 3,
    },
    "deep resnet": {
        "generator": schema.DeepResNetGenerator(width=4, latent=4, blocks=3),
        "critic": schema.DeepResNetCritic(width=4, blocks=3),
    },
    "resnet": {
        "generator": schema.ResNetGenerator(width=4, latent=4),
        "critic": schema.ResNetCritic(width=4),
        "critic_steps": 1,
    },
    "hinge": {**GAN, "loss": "hinge"},
    "noise on the critic's input": {**GAN, "input_noise": 0.3},
    "labels beside the input": {
        "generator": GENERATOR(width=2, latent=4, labels="concatenate"),
        "critic": CRITIC(width=2, normalization="none", labels="concatenate"),
    },
    "perceptrons with labels": {
        **GAN,
        "generator": schema.MLPGenerator(layers=3, width=16, latent=4, output="tanh", labels="concatenate"),
        "critic": schema.MLPCritic(layers=3, width=16, activation="leaky_relu", labels="concatenate"),
    },
    "auxiliary classifier": {
        "generator": GENERATOR(width=2, latent=4, labels="concatenate"),
        "critic": CRITIC(width=2, normalization="none", labels="auxiliary"),
    },
    "projection, spectral normalisation": {
        **GAN,
        "loss": "hinge",
        "generator": GENERATOR(width=2, latent=4, labels="normalization", spectral=True),
        "critic": CRITIC(width=2, normalization="none", labels="projection", spectral=True),
    },
    "attention, spectral normalisation": {
        **GAN,
        "loss": "hinge",
        "generator": GENERATOR(width=2, latent=4, spectral=True, attention=8),
        "critic": CRITIC(width=2, normalization="none", spectral=True, attention=8),
    },
    "resnets with attention, penalised": {
        "generator": schema.ResNetGenerator(width=16, latent=4, attention=4),
        "critic": schema.ResNetCritic(width=16, attention=8),
        "critic_steps": 1,
        "iterations": 2,
    },
    "resnet with labels": {
        "generator": schema.ResNetGenerator(width=4, latent=4, labels="normalization"),
        "critic": schema.ResNetCritic(width=4, labels="auxiliary"),
        "critic_steps": 1,
    },
    "fixed source": {"generator": schema.Disturbed(how="blur", level=0.1)},
    "r1": {"loss": "non_saturating", "constraint": schema.R1()},
    "gradients accumulated": {"accumulate": 2},
    "biggan": BIGGAN,
    "biggan with tables": {
        **BIGGAN,
        "generator": schema.BigGANGenerator(width=1, latent=5, shared=0, skip=False, attention=8),
        "average": None,
        "orthogonal": schema.Orthogonal(form="identity"),
    },
}


@pytest.mark.parametrize("case", CASES)
def test_a_run_is_the_same_alone_and_in_any_company(case: str) -> None:
    runs = [image_run(seed, **CASES[case]) for seed in range(10, 14)]
    alone, pair, four = trained(runs[3]), trained(runs[1], runs[3]), trained(*runs[::-1])
    assert_same(alone, 0, pair, 1)
    assert_same(alone, 0, four, 0)
    assert_same(pair, 0, four, 2)
    assert torch.isfinite(four.critic).all()
    assert len(torch.unique(four.critic, dim=0)) == 4


RESUMED = {
    "penalty": {},
    "gan": {**GAN, "critic": CRITIC(width=2)},
    "spectral normalisation, labels": {
        **GAN,
        "generator": GENERATOR(width=2, latent=4, labels="normalization", spectral=True),
        "critic": CRITIC(width=2, labels="projection", spectral=True),
    },
    "shuffled labels, noise": {
        "labels": "shuffled",
        "input_noise": 0.1,
        "generator": GENERATOR(width=2, latent=4, labels="concatenate"),
        "critic": CRITIC(width=2, normalization="none", labels="auxiliary"),
    },
    "biggan": {**BIGGAN, "standing": 2, "average": schema.Averaging(decay=0.9, start=4)},
    "frozen at the stop": {"freeze_at": 10},
    "frozen before it": {"freeze_at": 7},
    "frozen after it": {"freeze_at": 13},
}


@pytest.mark.parametrize("case", RESUMED)
def test_stopped_and_resumed_in_other_company_gives_the_same_bits(case: str) -> None:
    probes = schema.Probes(sheet=schema.Sheet(points=4, samples=2), validation=schema.Validation(samples=4))
    changes = {"iterations": 20, "critic_steps": 1, "probes": probes, **RESUMED[case]}
    runs = [image_run(seed, **changes) for seed in range(10, 13)]
    whole, state = trained(*runs), stopped(runs, 10)
    pair, alone = resumed(state, 2, 0, of=runs), resumed(state, 1, of=runs)
    assert_same(pair, 0, whole, 2)
    assert_same(pair, 1, whole, 0)
    assert_same(alone, 0, whole, 1)
    assert alone.log.iterations["sheet.images"] == [0, 5, 10, 15, 20]


def test_replicas_keep_their_own_data_and_starts() -> None:
    own = {
        "plain": {},
        "few": {"data": schema.Digits(limit=20)},
        "noisy": {"data": schema.Digits(dequantize=True)},
        "few and noisy": {"data": schema.Digits(limit=10, dequantize=True)},
        "start": {"critic": CRITIC(width=2, normalization="none", initialization=schema.DCGANInit())},
        "rate": {"optimizer": schema.Adam(lr=1e-2), "constraint": schema.GradientPenalty(weight=1)},
    }
    assert_each_its_own([image_run(arm=name, **changes) for name, changes in own.items()])


def test_replicas_keep_their_own_disturbances() -> None:
    fixed = [("noise", 0.2), ("noise", 0.7), ("blur", 0.1), ("salt_and_pepper", 0.3), ("occlusion", 0.4)]
    sources = [schema.Disturbed(how=how, level=level) for how, level in fixed]
    assert_each_its_own([image_run(arm=f"{s.how} {s.level}", generator=s, **CLIP) for s in sources])


def assert_each_its_own(runs: list[Run]) -> None:
    """Runs of other values in one batch are what they are alone, each another."""
    assert len({shape(each.setting) for each in runs}) == 1
    together = trained(*runs)
    for replica, each in enumerate(runs):
        assert_same(together, replica, trained(each), 0)
    assert len(torch.unique(together.critic, dim=0)) == len(runs)


def test_a_limit_confines_what_is_trained_on() -> None:
    """One image only: a linear critic's first gradient is the fakes' mean less that image."""
    linear = {"critic": schema.MLPCritic(layers=1, width=1), "constraint": schema.Unconstrained()}
    data = schema.Digits(limit=1)
    cohort = Cohort.of([image_run(data=data, generator=schema.OneEach(), batch_size=10, **linear)], CPU)
    move = critic_step(cohort, start(cohort), bounds(cohort), next(steps_of(critic_draws(cohort, 0))))
    real = torch.from_numpy(images.flat(images.load(data).train))[0]
    fake = torch.from_numpy(images.one_each(data)).mean(0)
    torch.testing.assert_close(move.gradient.flat[0, :-1], fake - real, rtol=0, atol=1e-6)


def test_divergence_touches_no_other() -> None:
    free = {"constraint": schema.Unconstrained()}
    wild = image_run(arm="wild", optimizer=schema.Adam(lr=1e30), **free)
    tame = image_run(arm="tame", optimizer=ADAM, **free)
    together = trained(wild, tame)
    assert int(together.diverged[0]) >= 1
    assert int(together.diverged[1]) == -1
    assert_same(together, 1, trained(tame), 0)
