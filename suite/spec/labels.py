"""Mistakes of settings whose networks are told class labels, or whose weights are normalised."""

from collections.abc import Iterator
from typing import Final

from suite.spec.claims import Fault
from suite.spec.schema import Clip, ImageData, OneEach, Setting
from suite.spec.sizes import classes, told

_BLIND: Final = ("potential", "interpolates", "fake_gradients", "cross_gradient", "surface", "divergences")
"""The probes that look at a critic, and have no labels for it."""


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
    yield from _of_probes(setting, critic)
    if isinstance(setting.constraint, Clip) and getattr(setting.critic, "spectral", False):
        text = "weights that are divided by their singular value cannot be clipped as well"
        yield Fault("constraint", text, "leave out the clip, or spectral")


def _of_probes(setting: Setting, critic: str) -> Iterator[Fault]:
    for probe in _BLIND if critic in ("concatenate", "projection") else ():
        if getattr(setting.probes, probe) is not None:
            yield Fault(
                "probes", f"probe {probe} has no labels for it, which this critic needs", f"remove {probe}"
            )
    asks = told(setting) or isinstance(setting.generator, OneEach)
    if setting.probes.label_following is not None and isinstance(setting.data, ImageData) and not asks:
        yield Fault("probes", "probe label_following needs a generator with labels", "give it labels")


def _labels(network: object) -> str:
    return str(getattr(network, "labels", "none"))
