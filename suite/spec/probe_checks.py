"""Mistakes of probes: what they cannot look at, of these data and networks."""

from collections.abc import Iterator
from typing import Final

from suite.spec.claim_checks import Fault
from suite.spec.schema import (
    ConvCritic,
    ConvGenerator,
    ImageData,
    MLPCritic,
    MLPGenerator,
    OneEach,
    Setting,
    TextData,
)
from suite.spec.sizes import classes, dimension, told

OF_IMAGES: Final = (
    "image_quality",
    "inception",
    "label_following",
    "memorisation",
    "sheet",
    "truncation",
    "validation",
)
OF_TEXT: Final = ("ngrams", "text")
OF_LAYERS: Final = ("gradient_norms", "weight_histogram", "surface")
"""They look into a perceptron's layers."""
OF_HIDDEN_LAYERS: Final = ("gradient_norms", "weight_histogram")
"""They look from one hidden layer to the next."""
BLIND: Final = (
    "potential",
    "interpolates",
    "fake_gradients",
    "gradient_norms",
    "cross_gradient",
    "surface",
    "divergences",
)
"""They look at a critic, and have no labels for it."""
MOST_POINTS: Final = 10**6
"""More than any figure shows; a run walks through them all before it begins."""
LEAST_IMAGES: Final = 10
"""Of which precision and recall can find neighbours."""


def probe_faults(setting: Setting) -> Iterator[Fault]:
    """What is legal by itself, but not in this setting."""
    for found in (_of_data, _of_critic, _of_labels, _of_samples, _of_points):
        for text, cure in found(setting):
            yield Fault("probes", f"probe {text}", cure)


def is_on(setting: Setting, probe: str) -> bool:
    """Whether a setting has a probe."""
    return getattr(setting.probes, probe) is not None


Mistakes = Iterator[tuple[str, str]]


def _of_data(setting: Setting) -> Mistakes:
    data, generator, probes = setting.data, setting.generator, setting.probes
    for kind, needed, some, names in (
        (ImageData, "images", "images", OF_IMAGES),
        (TextData, "text", "grammar", OF_TEXT),
    ):
        for probe in names if not isinstance(data, kind) else ():
            if is_on(setting, probe):
                yield f"{probe} needs {needed}", f"remove {probe}, or set data to {some}"
    if not isinstance(data, ImageData):
        return
    if probes.image_quality is not None and not classes(data):
        yield "image_quality needs data with labels", "use inception, or other data"
    fed = isinstance(generator, ConvGenerator | MLPGenerator)
    if probes.truncation is not None and not (classes(data) and fed):
        yield "truncation needs labelled images and a generator that is fed noise", "remove truncation"


def _of_critic(setting: Setting) -> Mistakes:
    critic, data = setting.critic, setting.data
    plane = not isinstance(data, ImageData | TextData) and dimension(data) <= 2
    for probe in OF_LAYERS:
        if not is_on(setting, probe):
            continue
        if not isinstance(critic, MLPCritic) or (probe == "surface" and not plane):
            yield f"{probe} looks into a perceptron's layers", f"remove {probe}, or set critic to an mlp"
        elif probe in OF_HIDDEN_LAYERS and critic.layers < 3:
            text = f"{probe} needs two hidden layers, and critic.layers is {critic.layers}"
            yield text, f"remove {probe}, or set critic.layers to 3 or more"
    if is_on(setting, "spectrum") and not isinstance(critic, ConvCritic):
        yield "spectrum looks into the layers of a critic of images", "remove spectrum"


def _of_labels(setting: Setting) -> Mistakes:
    if getattr(setting.critic, "labels", "none") in ("concatenate", "projection"):
        for probe in BLIND:
            if is_on(setting, probe):
                yield f"{probe} has no labels for it, which this critic needs", f"remove {probe}"
    asks = told(setting) or isinstance(setting.generator, OneEach)
    if is_on(setting, "label_following") and isinstance(setting.data, ImageData) and not asks:
        yield "label_following needs a generator with labels", "give it labels"


def _of_samples(setting: Setting) -> Mistakes:
    quality, inception = setting.probes.image_quality, setting.probes.inception
    if quality is not None and quality.samples < LEAST_IMAGES:
        yield f"image_quality needs at least {LEAST_IMAGES} samples", "raise samples"
    if inception is not None and inception.samples < max(inception.splits, 2):
        yield "inception needs two samples at least, and one for each of its splits", "raise samples"


def _of_points(setting: Setting) -> Mistakes:
    own = {
        name: getattr(setting.probes, name) for name in setting.probes.__struct_fields__ if name != "packs"
    }
    for name, probe in (own | setting.probes.packs).items():
        if (points := getattr(probe, "points", 0)) > MOST_POINTS:
            yield f"{name} has {points:,} points", f"set points to {MOST_POINTS:,} or less"
