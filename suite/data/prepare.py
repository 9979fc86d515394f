"""Large data sets, read once into two files of pixels that are then mapped, not loaded.

A file is a NumPy array of bytes, shape [images, height, width, channels], written aside and renamed.
"""

import math
import os
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from suite.data import known, npz
from suite.data.catalogue import absent, command, files, prepared, state
from suite.data.checksums import check, verified
from suite.data.damage import Damaged, reading, summary
from suite.data.known import Entry
from suite.data.lmdb_file import Lmdb
from suite.data.pictures import Encoded, squares
from suite.errors import UserError
from suite.store.files import aside_of

Pixels = NDArray[np.uint8]
_SIDE = 64
_HELD_OUT = 10_000
"""LSUN's images that are not trained on; a tenth where there are fewer than ten times as many."""
_WIDTH = 3 * 32 * 32
_LARGEST_PICTURE = 1 << 26
_ROWS_AT_ONCE = 4096


class Pictures(NamedTuple):
    """How many pictures there are, and their pixels in batches of shape [some, height, width, channels]."""

    total: int
    batches: Iterable[Pixels]


def prepare(entry: Entry) -> None:
    """Read a data set into its prepared files, unless they are there. UserError where a file is damaged."""
    if state(entry) == "missing":
        raise UserError(absent(entry))
    if state(entry) == "there":
        return
    for path, pictures in zip(prepared(entry), _SOURCES[entry.name](entry), strict=True):
        if not path.is_file():
            _write(path, pictures())


def mapped(entry: Entry, path: Path, shape: tuple[int, int, int]) -> Pixels:
    """A prepared file, mapped into memory. UserError where it is damaged."""
    with reading(path, entry, f"make it anew: {command(entry, '--prepare')}"):
        try:
            pixels = np.lib.format.open_memmap(path, mode="r")
        except Exception as error:  # A header is Python's text, and can be broken in as many ways.
            raise Damaged(f"is cut short or no array: {summary(error)}") from None
        if pixels.dtype != np.uint8 or pixels.shape[1:] != shape:
            raise Damaged(f"holds no images of shape {shape}")
        if not len(pixels):
            raise Damaged("holds no images")
    return pixels


def _write(path: Path, pictures: Pictures) -> None:
    aside = aside_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_array(aside, pictures, path.stem)
        aside.replace(path)
    except OSError as error:
        raise UserError(
            f"{path}: cannot be written: {error}\n    make room, or give another --data DIR"
        ) from None
    finally:
        if aside.parent.is_dir():
            aside.unlink(missing_ok=True)


def _write_array(path: Path, pictures: Pictures, name: str) -> None:
    """The npy format, written as it comes: a full disk is an error here, not a signal."""
    written = 0
    with path.open("wb") as file, tqdm(total=pictures.total, desc=name, disable=None) as bar:
        for batch in pictures.batches:
            if not written:
                shape = (pictures.total, *batch.shape[1:])
                head = {"descr": "|u1", "fortran_order": False, "shape": shape}
                np.lib.format.write_array_header_1_0(file, head)
            file.write(batch.tobytes())
            written += len(batch)
            bar.update(len(batch))
        file.flush()
        os.fsync(file.fileno())


# --- Where pictures come from: the training part and the held-out part -----------------------------

Source = Callable[[], Pictures]


def _lsun(entry: Entry) -> tuple[Source, Source]:
    """The training database's images but the last, and these: the validation part has only 300."""
    (file,) = files(entry)
    with reading(file.path, entry), Lmdb(file.path) as opened:
        cut = len(opened) - min(_HELD_OUT, math.ceil(len(opened) / 10))
    return _in_lmdb(entry, file.path, slice(cut)), _in_lmdb(entry, file.path, slice(cut, None))


def _in_lmdb(entry: Entry, path: Path, part: slice) -> Source:
    def pictures() -> Pictures:
        with reading(path, entry), Lmdb(path) as opened:
            return Pictures(_some(len(range(len(opened))[part])), decoded())

    def decoded() -> Iterator[Pixels]:
        with reading(path, entry), Lmdb(path) as opened:
            encoded = (Encoded(key.decode("ascii", "replace"), value) for key, value in opened.items(part))
            yield from squares(encoded, _SIDE)

    return pictures


def _celeba(entry: Entry) -> tuple[Source, Source]:
    """The aligned faces: the split's training part, and its test part."""
    faces, partition = files(entry)
    with reading(partition.path, entry):
        split = _split(verified(partition.part, partition.path))
    if faces.path.is_file():
        with reading(faces.path, entry):
            check(faces.part, faces.path)
    return _faces(entry, faces.path, split["0"]), _faces(entry, faces.path, split["2"])


def _split(content: bytes) -> dict[str, list[str]]:
    """The names of each part: 0 to train, 1 to validate, 2 to test. A name cannot leave its folder."""
    split: dict[str, list[str]] = {"0": [], "1": [], "2": []}
    for number, line in enumerate(content.decode("ascii", "replace").splitlines(), 1):
        found = re.fullmatch(r"(\d{6}\.jpg) +([012])\s*", line)
        if not found:
            raise Damaged(f"line {number} is not a file's name and 0, 1 or 2")
        split[found[2]].append(found[1])
    return split


def _faces(entry: Entry, path: Path, names: list[str]) -> Source:
    def pictures() -> Pictures:
        with reading(path, entry):
            return Pictures(_some(len(names)), decoded())

    def decoded() -> Iterator[Pixels]:
        with reading(path, entry):
            yield from squares(_in_folder(path, names) if path.is_dir() else _in_zip(path, names), _SIDE)

    return pictures


def _in_folder(path: Path, names: Iterable[str]) -> Iterator[Encoded]:
    for name in names:
        yield Encoded(name, (path / name).read_bytes())


def _in_zip(path: Path, names: Iterable[str]) -> Iterator[Encoded]:
    with zipfile.ZipFile(path) as archive:
        for name in names:
            try:
                member = archive.getinfo(f"img_align_celeba/{name}")
            except KeyError:
                raise Damaged(f"has no picture {name}") from None
            if member.file_size > _LARGEST_PICTURE:
                raise Damaged(f"picture {name} unpacks to {member.file_size:,} bytes")
            yield Encoded(name, archive.read(member))


def _imagenet32(entry: Entry) -> tuple[Source, Source]:
    paths = [file.path for file in files(entry)]
    return _in_npz(entry, paths[:-1]), _in_npz(entry, paths[-1:])


def _in_npz(entry: Entry, paths: list[Path]) -> Source:
    def rows(path: Path) -> int:
        with reading(path, entry):
            return npz.rows(path, "data", _WIDTH)

    def decoded() -> Iterator[Pixels]:
        for path in paths:
            with reading(path, entry):
                pixels = npz.array(path, "data", _WIDTH).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
            for start in range(0, len(pixels), _ROWS_AT_ONCE):
                yield pixels[start : start + _ROWS_AT_ONCE]

    return lambda: Pictures(sum(map(rows, paths)), decoded())


def _some(count: int) -> int:
    if not count:
        raise Damaged("holds no pictures")
    return count


_SOURCES: dict[str, Callable[[Entry], tuple[Source, Source]]] = {
    known.LSUN_BEDROOMS.name: _lsun,
    known.CELEBA.name: _celeba,
    known.IMAGENET32.name: _imagenet32,
}
