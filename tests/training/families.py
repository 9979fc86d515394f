"""A small run of each family of settings."""

from suite.spec import schema
from suite.spec.runs import Run
from tests.training.settings import ADAM, RMSPROP, image_run, run
from tests.training.test_biggan_training import BIGGAN, GAN
from tests.training.test_label_training import TOLD
from tests.training.test_text_runs import text_run

DECAYING = schema.Adam(lr=1e-2, betas=(0.0, 0.9), decay_over=25)
SMOOTH = schema.MLPCritic(layers=3, width=16, activation="tanh", normalization="batch")
RESNETS = {
    "generator": schema.ResNetGenerator(width=4, latent=4, labels="normalization"),
    "critic": schema.ResNetCritic(width=4, labels="auxiliary"),
}
SPECTRAL = {
    "generator": schema.DCGANGenerator(width=2, latent=4, labels="normalization", spectral=True, attention=8),
    "critic": schema.DCGANCritic(width=2, labels="projection", spectral=True),
}
FAMILIES = {
    "penalty": (run, {}),
    "penalty, probed at each step": (run, {"probes": schema.Probes(step_cosine=schema.StepCosine())}),
    "wide": (run, {"critic": schema.MLPCritic(layers=3, width=260), "iterations": 6}),
    "clip": (run, {"constraint": schema.Clip(bound=0.05), "optimizer": RMSPROP, "warmup": 3}),
    "gan": (run, {**GAN, "optimizer": schema.SGD(lr=1e-2, momentum=0.5)}),
    "falling rates": (run, {"optimizer": DECAYING, "generator_optimizer": ADAM}),
    "smooth, batch norm": (run, {"critic": SMOOTH, "loss": "hinge"}),
    "fixed generator": (run, {"generator": schema.NoisyData(), "iterations": 25}),
    "one parameter": (run, {"data": schema.ParallelLines(), "generator": schema.Shift(start=0.5)}),
    "frozen generator, fresh critic": (run, {"freeze_at": 13, "iterations": 25}),
    "frozen critic": (run, {"freeze": schema.Freeze(network="critic", at=13), "iterations": 25}),
    "one that diverges": (run, {"constraint": schema.Unconstrained(), "optimizer": schema.SGD(lr=1e6)}),
    "dcgan, batch norm": (image_run, {**GAN, "critic": schema.DCGANCritic(width=2), "iterations": 5}),
    "dcgan, penalty": (image_run, {"iterations": 5}),
    "noise on images, in parts": (image_run, {"input_noise": 0.1, "accumulate": 2, "iterations": 5}),
    "labels": (image_run, {**TOLD, "iterations": 5}),
    "resnets with labels": (image_run, {**GAN, **RESNETS, "critic_steps": 1, "iterations": 5}),
    "spectral normalisation": (
        image_run,
        {**GAN, **SPECTRAL, "critic_steps": 1, "loss": "hinge", "iterations": 5},
    ),
    "r1": (image_run, {"loss": "non_saturating", "constraint": schema.R1(), "iterations": 5}),
    "biggan": (
        image_run,
        {
            **BIGGAN,
            "orthogonal": schema.Orthogonal(weight=1e-2),
            "average": schema.Averaging(decay=0.9, start=4),
            "critic_steps": 1,
            "iterations": 8,
        },
    ),
    "bfloat16": (run, {"precision": "bfloat16"}),
    "dcgan in bfloat16": (image_run, {"precision": "bfloat16", "iterations": 5}),
    "text": (text_run, {"iterations": 5}),
}


def runs_of(family: str) -> list[Run]:
    """Two runs."""
    make, changes = FAMILIES[family]
    return [make(seed, **changes) for seed in (10, 11)]
