"""Data sets fetched with torchvision's own downloads, which check what they fetch."""

from collections.abc import Callable
from pathlib import Path

from suite.data import known
from suite.data.catalogue import root, source
from suite.data.known import Entry
from suite.errors import UserError


def download(entry: Entry) -> None:
    """Fetch a data set into the data folder. UserError where that fails or there is no download."""
    if entry.name not in _FETCH:
        raise UserError(f"{entry.title}: there is no download\n    {source(entry) or 'it is there already'}")
    folder = root()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _FETCH[entry.name](folder)
    except Exception as error:  # No network, a refusal, a wrong checksum: torchvision raises many kinds.
        reason = str(error).strip() or type(error).__name__
        raise UserError(
            f"{entry.title}: the download to {folder} failed: {reason}\n    {_cure(entry)}"
        ) from None


def _cure(entry: Entry) -> str:
    return entry.hint or "try again, or put the files there by hand: docs/data.md names them"


def _mnist(folder: Path) -> None:
    from torchvision.datasets import MNIST

    MNIST(folder, download=True)


def _fashion_mnist(folder: Path) -> None:
    from torchvision.datasets import FashionMNIST

    FashionMNIST(folder, download=True)


def _cifar10(folder: Path) -> None:
    """The steps of torchvision without its class, which would go on to unpickle what it fetched."""
    from torchvision.datasets import CIFAR10
    from torchvision.datasets.utils import download_and_extract_archive

    download_and_extract_archive(CIFAR10.url, str(folder), filename=CIFAR10.filename, md5=CIFAR10.tgz_md5)


def _celeba(folder: Path) -> None:
    from torchvision.datasets import CelebA

    CelebA(folder, download=True)


_FETCH: dict[str, Callable[[Path], None]] = {
    known.MNIST.name: _mnist,
    known.FASHION_MNIST.name: _fashion_mnist,
    known.CIFAR10.name: _cifar10,
    known.CELEBA.name: _celeba,
}
