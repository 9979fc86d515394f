"""FID, IS and KID with the original Inception network, by torch-fidelity.

The weights are those of TensorFlow's inception-2015-12-05, which the papers' numbers were measured
with, as torch-fidelity publishes them. They are not part of this suite: a machine that has them keeps
the file beside the data. Its bytes are compared with the published SHA-256 before anything reads
them, and even then only plain tensors are taken from it.
"""

import hashlib
import io
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from suite.data.catalogue import root
from suite.errors import UserError

Network = Callable[[Tensor], tuple[Tensor, Tensor]]
NAME = "weights-inception-2015-12-05-6726825d.pth"
ADDRESS = f"https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/{NAME}"
SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"
LAYERS = ("2048", "logits_unbiased")
"""What FID and KID use, and what IS uses (the original code leaves out the last bias)."""
AT_ONCE = 50
SUBSETS, SUBSET = 100, 1000
"""KID is the mean over this many subsets of this many images, as in its authors' code."""


class Inception(NamedTuple):
    """Numbers about generated images; the score is the mean over the splits."""

    fid: float
    score: float
    kid: float


class Seen(NamedTuple):
    """What the network makes of images: features [count, 2048] and logits [count, 1008]."""

    features: Tensor
    logits: Tensor


def weights_digest() -> str:
    """Fingerprint of the weights. UserError where they are missing or not the published ones."""
    return _sha256(_checked(_place()))[:12]


def inception(real: Seen, fake: NDArray[Any], splits: int = 10) -> Inception:
    """FID, IS and KID of images as ``see`` takes them, against real ones. All NaN where a pixel is not
    finite.
    """
    if not np.isfinite(fake).all():
        return Inception(*(float("nan"),) * 3)
    return compare(real, see(fake), splits)


def see(images: NDArray[Any]) -> Seen:
    """Features and logits of images [count, height, width, 1 or 3], on a GPU where there is one.

    Pixels are uint8, or floats in [-1, 1] that are rounded to 256 levels. UserError where the weights or
    torch-fidelity are missing.
    """
    network, device = _network(_place()), _device()
    with torch.no_grad():
        parts = [network(as_bytes(part).to(device)) for part in _pieces(images)]
    features, logits = (torch.cat(each).cpu().double() for each in zip(*parts, strict=True))
    return Seen(features, logits)


def compare(real: Seen, fake: Seen, splits: int) -> Inception:
    """The numbers of what was seen."""
    from torch_fidelity import metric_fid, metric_isc, metric_kid

    statistics = [metric_fid.fid_features_to_statistics(each.features) for each in (real, fake)]
    fid = metric_fid.fid_statistics_to_metric(*statistics, verbose=False)
    # Generated images come in no order, so they need no shuffling.
    score = metric_isc.isc_features_to_metric(fake.logits, splits, shuffle=False)
    size = min(SUBSET, len(real.features), len(fake.features))
    kid = metric_kid.kid_features_to_metric(
        real.features, fake.features, kid_subsets=SUBSETS, kid_subset_size=size, verbose=False
    )
    return Inception(
        fid[metric_fid.KEY_METRIC_FID],
        score[metric_isc.KEY_METRIC_ISC_MEAN],
        kid[metric_kid.KEY_METRIC_KID_MEAN],
    )


def as_bytes(images: NDArray[Any]) -> Tensor:
    """Images as torch-fidelity wants them: uint8 [count, 3, height, width]. Grey is tripled."""
    if images.dtype != np.uint8:
        images = ((images + 1) * 127.5).round().clip(0, 255).astype(np.uint8)
    colours = np.broadcast_to(images, (*images.shape[:3], 3))
    return torch.from_numpy(np.ascontiguousarray(colours.transpose(0, 3, 1, 2)))


def _pieces(images: NDArray[Any]) -> Iterator[NDArray[Any]]:
    return (images[start : start + AT_ONCE] for start in range(0, len(images), AT_ONCE))


def _device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@lru_cache(maxsize=1)
def _network(path: Path) -> Network:
    """The network with the weights of a file: from images in uint8 to features and logits."""
    extractor = _library()
    state = torch.load(io.BytesIO(_checked(path)), map_location="cpu", weights_only=True)
    # The library unpickles whatever its file holds, so it gets one written here, of tensors only.
    plain = io.BytesIO()
    torch.save(state, plain)
    plain.seek(0)
    with torch.random.fork_rng():  # It draws an initialisation before it loads.
        network = extractor("inception", list(LAYERS), feature_extractor_weights_path=plain)
    placed: Network = network.to(_device())
    return placed


def _library() -> Any:
    """The library's class of the network."""
    try:
        from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
    except ImportError as error:
        raise UserError(
            "inception: torch-fidelity is not installed.\n    Install it: uv sync --extra inception"
        ) from error
    return FeatureExtractorInceptionV3


def _place() -> Path:
    return root() / "inception" / NAME


def _checked(path: Path) -> bytes:
    """The file's bytes, which are the published ones."""
    if not path.is_file():
        raise UserError(f"inception: {path} is missing.\n    Download it there: {ADDRESS}")
    content = path.read_bytes()
    if _sha256(content) != SHA256:
        raise UserError(
            f"inception: {path} is not the published file: its SHA-256 is not {SHA256}.\n"
            f"    Remove it and download it again: {ADDRESS}"
        )
    return content


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
