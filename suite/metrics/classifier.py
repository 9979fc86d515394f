"""A small convolutional classifier, trained here on the labelled data it is to judge.

Desk-scale images are too small and too far from photographs for Inception's features; these are the
features of a network that knows the data's classes. It is trained with fixed random streams on one
thread of the CPU, and kept beside the data. That of the data that need no download comes with the suite,
since another processor would train another one, and measure otherwise. What depends on a classifier
records its ``digest``.

    uv run python -m suite.metrics.classifier

trains the one that comes with the suite anew.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from suite.data.catalogue import root
from suite.data.images import Labelled, labelled
from suite.errors import UserError
from suite.spec import schema
from suite.spec.sizes import classes, image_shape, kind, plain
from suite.store.arrays import arrays_as_bytes, read_arrays
from suite.store.files import write
from suite.streams import stream

Array = NDArray[np.float64]
Shape = tuple[int, int, int]
Weights = Mapping[str, NDArray[np.generic]]

FEATURES = 64
PIXELS = 2**17
"""In one pass: more fill the caches, fewer cost more calls."""
VERSION = 2
"""Of the training below: raised when a change to it makes other weights."""
SEAL = "sha256"
"""The entry of a kept file that is the digest of the others."""
SHIPPED = Path(__file__).parent / "classifiers"
"""Those that come with the suite."""


class Protocol(NamedTuple):
    """How a classifier is made. Its text is part of the name under which it is kept."""

    widths: tuple[int, ...]
    """Filters of each level of ``depth`` convolutions, which a maximum over 2 x 2 pixels ends."""
    depth: int
    epochs: int
    mirror: bool
    """Whether half of the training images are mirrored, anew in each epoch."""
    floor: float
    """Held-out accuracy under which it is no measuring instrument."""
    batch: int = 50
    rate: float = 1e-3
    """Adam's at the first step; it falls linearly to zero."""


DIGITS = Protocol(widths=(16, 32, 64), depth=1, epochs=15, mirror=False, floor=0.95)
GREY = Protocol(widths=(16, 32, 64), depth=1, epochs=2, mirror=False, floor=0.85)
COLOUR = Protocol(widths=(32, 64, 128), depth=2, epochs=10, mirror=True, floor=0.85)


class Reading(NamedTuple):
    """What the classifier makes of images, in the same order."""

    features: Array
    """[count, 64], of the last hidden layer, none negative."""
    probabilities: Array
    """[count, classes]"""


class Network(nn.Module):
    """Levels of convolutions, one hidden layer of ``FEATURES``, one logit for each class."""

    def __init__(self, shape: Shape, classes: int, protocol: Protocol) -> None:
        super().__init__()
        height, width, channels = shape
        steps = 2 ** len(protocol.widths)
        pixels = (height // steps) * (width // steps)
        self.levels = nn.Sequential(*_levels(channels, protocol))
        inputs = protocol.widths[-1] * pixels
        # Centred, or hidden units whose weights sum to less than zero never come on.
        self.centred = nn.LayerNorm(inputs, elementwise_affine=False)
        self.hidden = nn.Linear(inputs, FEATURES)
        self.last = nn.Linear(FEATURES, classes)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Features and logits of images [count, channels, height, width]."""
        features = functional.relu(self.hidden(self.centred(self.levels(x).flatten(1))))
        return features, self.last(features)


class MaxPool2d(nn.MaxPool2d):
    """torch's, over 2 x 2 pixels: faster where no derivative is asked for, which needs to know where a
    maximum was. The same numbers, and the same name, which is part of a kept classifier's.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Maxima [count, channels, height // 2, width // 2]."""
        if torch.is_grad_enabled():
            return functional.max_pool2d(x, 2)
        rows = torch.maximum(x[:, :, :-1:2], x[:, :, 1::2])
        return torch.maximum(rows[..., :-1:2], rows[..., 1::2])


def _levels(channels: int, protocol: Protocol) -> Iterator[nn.Module]:
    for width in protocol.widths:
        for _ in range(protocol.depth - 1):
            yield nn.Conv2d(channels, width, 3, padding=1)
            yield nn.ReLU(inplace=True)
            channels = width
        yield nn.Conv2d(channels, width, 3, padding=1)
        # The maximum before the ReLU: the same numbers, from a quarter of the pixels.
        yield MaxPool2d(2)
        yield nn.ReLU(inplace=True)
        channels = width


@dataclass(frozen=True)
class Classifier:
    """A trained classifier of images [count, height * width * channels] with pixels in [-1, 1]."""

    network: Network
    shape: Shape
    accuracy: float
    """Share of held-out images that it labels rightly."""

    def read(self, x: NDArray[np.floating]) -> Reading:
        """Features and probabilities in one pass."""
        return read(self.network, self.shape, x)

    def features(self, x: NDArray[np.floating]) -> Array:
        """Activations [count, 64] of the last hidden layer."""
        return self.read(x).features

    @cached_property
    def digest(self) -> str:
        """Fingerprint of the parameters."""
        return seal(weights_of(self.network))[:12]


def classifier(data: schema.ImageData) -> Classifier:
    """The classifier of a kind of data: of this process, of the suite, kept on disk, or trained now.

    UserError where its held-out accuracy is under the protocol's floor.
    """
    return _of_kind(plain(data), root())


@cache
def _of_kind(data: schema.ImageData, folder: Path) -> Classifier:
    """Limits and dequantisation are a training run's own: the classifier knows all plain images."""
    rules, shape, count, parts = protocol(data), image_shape(data), classes(data), labelled(data)
    path = folder / "classifiers" / f"{_key(_blank(shape, count, rules), rules, parts)}.npz"
    network = (
        _kept(_shipped(type(data), rules), shape, count, rules)
        or _kept(path, shape, count, rules)
        or _train_and_keep(path, parts, shape, count, rules)
    )
    guesses = read(network, shape, parts.held_out).probabilities.argmax(axis=1)
    accuracy = float((guesses == parts.held_out_labels).mean())
    if accuracy < rules.floor:
        raise UserError(_too_poor(kind(data), accuracy, rules.floor))
    return Classifier(network, shape, accuracy)


def protocol(data: schema.ImageData) -> Protocol:
    """How the classifier of ``data`` is made."""
    if isinstance(data, schema.Digits):
        return DIGITS
    return COLOUR if image_shape(data)[2] == 3 else GREY


def _too_poor(name: str, accuracy: float, floor: float) -> str:
    return (
        f"{name}: the classifier labels {accuracy:.1%} of the held-out images rightly, under {floor:.0%}.\n"
        "    It cannot serve as a measuring instrument: leave out image_quality, or measure with inception."
    )


def train(parts: Labelled, shape: Shape, classes: int, rules: Protocol) -> Network:
    """A classifier of the training part: the same one whenever and wherever torch computes the same."""
    network = assemble(_start(shape, classes, rules), shape, classes, rules)
    x, y = _as_images(parts.train, shape), torch.from_numpy(parts.train_labels)
    with _alone():
        optimizer = torch.optim.Adam(network.parameters(), lr=rules.rate)
        steps = rules.epochs * -(-len(x) // rules.batch)
        slowing = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=steps)
        for epoch in range(rules.epochs):
            for rows, mirrored in _batches(len(x), epoch, rules):
                seen = torch.where(mirrored[:, None, None, None], x[rows].flip(3), x[rows])
                optimizer.zero_grad()
                torch.autograd.backward(functional.cross_entropy(network(seen)[1], y[rows]))
                optimizer.step()
                slowing.step()
    return network.requires_grad_(False)


def _batches(count: int, epoch: int, rules: Protocol) -> Iterator[tuple[Tensor, Tensor]]:
    """Rows of each batch of one epoch, and which of them are mirrored."""
    rng = stream("classifier", "batches", epoch)
    order = torch.from_numpy(rng.permutation(count))
    mirrored = torch.from_numpy(rng.random(count) < (0.5 if rules.mirror else 0.0))
    yield from zip(torch.split(order, rules.batch), torch.split(mirrored, rules.batch), strict=True)


@contextmanager
def _alone() -> Iterator[None]:
    """Gradients on and one thread, whatever the caller has: more threads add in another order."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.inference_mode(mode=False), torch.enable_grad():
            yield
    finally:
        torch.set_num_threads(threads)


def read(network: Network, shape: Shape, x: NDArray[np.floating]) -> Reading:
    """Features and probabilities of images [count, height * width * channels], computed in float32."""
    with torch.no_grad():
        many = max(PIXELS // (shape[0] * shape[1]), 1)
        parts = [network(part) for part in torch.split(_as_images(x, shape), many)]
    features, logits = (torch.cat(each).double() for each in zip(*parts, strict=True))
    return Reading(features.numpy(), logits.softmax(dim=1).numpy())


def _as_images(x: NDArray[np.floating], shape: Shape) -> Tensor:
    flat = torch.from_numpy(np.ascontiguousarray(x, dtype=np.float32))
    return flat.reshape(-1, *shape).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)


# --- Weights: made, kept and checked ----------------------------------------------------


def assemble(weights: Weights, shape: Shape, classes: int, rules: Protocol) -> Network:
    """The network with these weights. RuntimeError where they are not its own."""
    network = _blank(shape, classes, rules)
    with torch.inference_mode(mode=False):
        network.load_state_dict({k: torch.from_numpy(v.copy()) for k, v in weights.items()}, assign=True)
        # Pixel by pixel, not channel by channel: reading images is faster.
        return network.requires_grad_().to(memory_format=torch.channels_last)


def _blank(shape: Shape, classes: int, rules: Protocol) -> Network:
    """The network without values, so that nothing is drawn from torch's own random numbers."""
    with torch.device("meta"):
        return Network(shape, classes, rules)


def weights_of(network: Network) -> Weights:
    """The weights of a network by name."""
    return {name: tensor.detach().numpy() for name, tensor in network.state_dict().items()}


def seal(weights: Weights) -> str:
    """SHA-256 of names, shapes and values."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(f"{name} {weights[name].dtype} {weights[name].shape}\n".encode())
        digest.update(np.ascontiguousarray(weights[name]).tobytes())
    return digest.hexdigest()


def _start(shape: Shape, classes: int, rules: Protocol) -> Weights:
    """He et al.'s initialisation, from a stream of its own for each tensor."""
    blank = _blank(shape, classes, rules).state_dict()
    return {name: _drawn(name, tuple(tensor.shape)) for name, tensor in blank.items()}


def _drawn(name: str, size: tuple[int, ...]) -> NDArray[np.float32]:
    if len(size) == 1:
        return np.zeros(size, dtype=np.float32)
    deviation = np.sqrt(2 / np.prod(size[1:]))
    drawn = deviation * stream("classifier", name).standard_normal(size)
    return np.asarray(drawn, dtype=np.float32)


def _key(network: Network, rules: Protocol, parts: Labelled) -> str:
    """Name of the kept file: everything that the weights depend on."""
    digest = hashlib.sha256(f"{VERSION} {rules} {network} torch {torch.__version__}\n".encode())
    for part in parts:
        digest.update(f"{part.dtype} {part.shape}\n".encode())
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()[:24]


def _shipped(kind: type[schema.ImageData], rules: Protocol) -> Path:
    """Where the suite would have it: a file for each protocol."""
    name = hashlib.sha256(f"{VERSION} {rules}".encode()).hexdigest()[:12]
    return SHIPPED / f"{kind.__name__.lower()}-{name}.npz"


def _kept(path: Path, shape: Shape, classes: int, rules: Protocol) -> Network | None:
    """The kept network, or None where there is none, or it is damaged or was altered."""
    found = read_arrays(path)
    if found is None or SEAL not in found:
        return None
    weights = {name: array for name, array in found.items() if name != SEAL}
    if str(found[SEAL]) != seal(weights):
        return None
    try:
        return assemble(weights, shape, classes, rules).requires_grad_(False)
    except RuntimeError:
        return None


def _train_and_keep(path: Path, parts: Labelled, shape: Shape, classes: int, rules: Protocol) -> Network:
    network = train(parts, shape, classes, rules)
    weights = weights_of(network)
    with suppress(OSError):  # In a folder that cannot be written to, each process trains its own.
        write(path, arrays_as_bytes({**weights, SEAL: np.array(seal(weights))}))
    return network


def main() -> None:
    """Train the classifier that comes with the suite."""
    data = schema.Digits()
    rules, shape, count = protocol(data), image_shape(data), classes(data)
    _train_and_keep(_shipped(schema.Digits, rules), labelled(data), shape, count, rules)


if __name__ == "__main__":
    main()
