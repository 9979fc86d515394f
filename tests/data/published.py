"""Small data sets in the true formats of the published ones, and a table that says they are published."""

import gzip
import hashlib
import io
import struct
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import lmdb
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from suite.data import catalogue, images, known, read
from suite.data.known import Entry, Part

Bytes = NDArray[np.uint8]
IDX = tuple(known.IDX_SIZES)


class Labelled(NamedTuple):
    """Images and labels as they were written."""

    images: Bytes
    labels: Bytes


class Place(NamedTuple):
    """A folder of data."""

    root: Path
    patch: pytest.MonkeyPatch

    def publish(self, name: str) -> None:
        """Make the files that are there now the published ones of a data set, and forget what was read."""
        entry = catalogue.entry(name)
        found = [_published(file.part, file.path) for file in catalogue.files(entry)]
        self.replace(entry._replace(parts=tuple(found)))
        forget()

    def replace(self, entry: Entry) -> None:
        """Replace one line of the table."""
        every = tuple(entry if one.name == entry.name else one for one in known.EVERY)
        self.patch.setattr(known, "EVERY", every)


def forget() -> None:
    """Empty the caches of what was read."""
    images._limited.cache_clear()
    read.whole_set.cache_clear()


def place_at(root: Path, patch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A data folder that this process looks in, with nothing of Debian's beside it."""
    patch.setenv(catalogue.VARIABLE, str(root))
    place = Place(root, patch)
    place.replace(known.FASHION_MNIST._replace(folders=("FashionMNIST/raw", str(root / "debian"))))
    forget()
    yield place
    forget()


def _published(part: Part, path: Path) -> Part:
    if path.is_dir():
        return part
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    digest = hashlib.md5(content).hexdigest()
    exact = len(content) if part.size else 0
    return part._replace(size=exact, checksum=f"md5:{digest}" if part.checksum else "")


def drawn(count: int, *shape: int, seed: int = 0) -> Labelled:
    """Random images, every label among the first ten."""
    rng = np.random.default_rng(seed)
    return Labelled(
        rng.integers(256, size=(count, *shape), dtype=np.uint8), (np.arange(count) % 10).astype(np.uint8)
    )


def idx(array: Bytes) -> bytes:
    """An array in the IDX format."""
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write_idx(folder: Path, train: Labelled, test: Labelled, *, packed: bool = False) -> None:
    """MNIST's four files, packed as Debian has them or not."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in zip(IDX, (*train, *test), strict=True):
        content = idx(array)
        path = folder / (f"{name}.gz" if packed else name)
        path.write_bytes(gzip.compress(content, mtime=1) if packed else content)


def cifar_batch(batch: Labelled) -> bytes:
    """A batch as Python 2 pickled it: strings are bytes, lists are appended in pieces of a thousand."""
    pixels = batch.images.transpose(0, 3, 1, 2).tobytes()
    count = struct.pack("<H", len(batch.labels))
    return b"".join(
        [
            b"\x80\x02}q\x01(U\x0bbatch_labelq\x02U\x15training batch 1 of 5q\x03U\x06labelsq\x04]q\x05(",
            b"".join(b"K" + bytes([label]) for label in batch.labels),
            b"eU\x04dataq\x06cnumpy.core.multiarray\n_reconstruct\nq\x07cnumpy\nndarray\nq\x08K\x00\x85U\x01b\x87Rq\x09",
            b"(K\x01M" + count + b"M\x00\x0c\x86cnumpy\ndtype\nq\nU\x02u1K\x00K\x01\x87Rq\x0b",
            b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89",
            b"T" + struct.pack("<I", len(pixels)) + pixels + b"tbU\tfilenamesq\x0c]q\r(",
            b"".join(b"U\x05a.png" for _ in batch.labels),
            b"eu.",
        ]
    )


def write_cifar(folder: Path, batches: Sequence[Labelled]) -> None:
    """CIFAR-10's six batches."""
    folder.mkdir(parents=True, exist_ok=True)
    for part, batch in zip(known.CIFAR10.parts, batches, strict=True):
        (folder / part.name).write_bytes(cifar_batch(batch))


def encoded(image: Bytes, form: str = "PNG") -> bytes:
    """A picture's file."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, form)
    return file.getvalue()


def write_lmdb(folder: Path, values: Sequence[bytes]) -> None:
    """A database as the LSUN project writes them."""
    folder.mkdir(parents=True, exist_ok=True)
    with lmdb.open(str(folder), map_size=1 << 24) as opened, opened.begin(write=True) as transaction:
        for number, value in enumerate(values):
            transaction.put(f"{number:040x}".encode(), value)


def write_celeba(folder: Path, faces: Sequence[bytes], parts: str, *, unpacked: bool = False) -> None:
    """The zip or folder of aligned faces, and the list of parts, a digit for each face."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{number:06}.jpg" for number in range(1, len(faces) + 1)]
    lines = (f"{name} {part}\n" for name, part in zip(names, parts, strict=True))
    (folder / "list_eval_partition.txt").write_text("".join(lines))
    if unpacked:
        (folder / "img_align_celeba").mkdir()
        for name, face in zip(names, faces, strict=True):
            (folder / "img_align_celeba" / name).write_bytes(face)
        return
    with zipfile.ZipFile(folder / "img_align_celeba.zip", "w") as archive:
        for name, face in zip(names, faces, strict=True):
            archive.writestr(f"img_align_celeba/{name}", face)


def write_imagenet32(folder: Path, batches: Sequence[Labelled]) -> None:
    """The npz files of the downsampled ImageNet: rows of red, green and blue planes, labels from 1."""
    folder.mkdir(parents=True, exist_ok=True)
    for part, batch in zip(known.IMAGENET32.parts, batches, strict=True):
        rows = batch.images.transpose(0, 3, 1, 2).reshape(len(batch.images), -1)
        np.savez(
            folder / part.name, data=rows, labels=batch.labels.astype(np.int64) + 1, mean=rows.mean(axis=0)
        )
