"""Mistakes of settings whose networks are told class labels, or whose weights are normalised."""

from collections.abc import Iterator

from suite.spec.claim_checks import Fault
from suite.spec.schema import Clip, OneEach, Setting
from suite.spec.sizes import classes


def label_faults(setting: Setting) -> Iterator[Fault]:
    """What is legal by itself, but not together; a fault's field is a key of the setting."""
    generator, critic = (_labels(each) for each in (setting.generator, setting.critic))
    if {generator, critic} != {"none"} and not classes(setting.data):
        text = "networks are told labels, which the data do not have"
        yield Fault("generator" if generator != "none" else "critic", text, "set data to labelled images")
    if critic != "none" and generator == "none" and not isinstance(setting.generator, OneEach):
        text = "the critic is told labels, the generator is not"
        yield Fault("generator", text, "give the generator labels too")
    normal = getattr(setting.generator, "normalization", "none")
    if generator == "normalization" and normal != "batch":
        text = f"labels go into batch normalisation, and the generator's normalization is {normal}"
        yield Fault("generator", text, "set its normalization to batch, or its labels to concatenate")
    if isinstance(setting.constraint, Clip) and getattr(setting.critic, "spectral", False):
        text = "weights that are divided by their singular value cannot be clipped as well"
        yield Fault("constraint", text, "leave out the clip, or spectral")


def _labels(network: object) -> str:
    return str(getattr(network, "labels", "none"))
