"""Mistakes of settings with what BigGAN adds: averaging, orthogonal regularisation."""

from collections.abc import Iterator
from typing import Final

from suite.spec.claim_checks import Fault
from suite.spec.schema import ConvGenerator, Network, Setting

LEAST: Final = 2
"""Samples of a part of a batch, and so of a batch."""


def added_faults(setting: Setting) -> Iterator[Fault]:
    """What is legal by itself, but not together; a fault's field is a key of the setting."""
    generator = setting.generator
    if setting.batch_size % setting.accumulate or setting.batch_size // setting.accumulate < LEAST:
        text = f"a batch of {setting.batch_size} has no {setting.accumulate} equal parts of {LEAST} or more"
        yield Fault("accumulate", text, "choose a number that divides batch_size")
    if setting.average is not None and not isinstance(generator, Network):
        yield Fault("average", "average needs a generator that is a network", "leave it out")
    freeze = setting.freeze
    if freeze is not None and (setting.freeze_at is not None or freeze.at >= setting.iterations):
        text = "freeze needs iterations after it, and no freeze_at beside it"
        yield Fault("freeze", text, "leave it out, or raise iterations")
    if freeze is not None and not isinstance(generator, Network):
        yield Fault("freeze", "freeze needs a generator that is a network", "leave it out")
    if setting.standing and not isinstance(generator, ConvGenerator):
        text = "standing statistics are of batch normalisation in a generator of images"
        yield Fault("standing", text, "leave standing out")
    if setting.orthogonal is not None and not isinstance(generator, ConvGenerator):
        text = "orthogonal regularisation is of a generator of images"
        yield Fault("orthogonal", text, "leave it out")
