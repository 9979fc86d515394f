"""Data files besides arrays: LSUN's database, CelebA's faces and their split, shards of sentences."""

import io
import random
import struct
import tempfile
import zipfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np

from suite.data import billion_word, prepare
from suite.data.catalogue import entry
from suite.data.damage import reading
from suite.data.lmdb_file import Lmdb
from suite.data.pictures import Encoded, squares
from tests.data.published import drawn, encoded, write_lmdb
from tests.fuzz.mutate import of_bytes, of_lines

PAGE = 4096
FACES = ["000001.jpg", "000002.jpg", "000003.jpg"]


def in_reader(name: str, content: bytes, folder: Path, parse: Callable[[Path], object]) -> object:
    """As the suite reads a file of a data set."""
    path = folder / "file"
    path.write_bytes(content)
    with reading(path, entry(name)):
        return parse(path)


def lmdb_seeds() -> list[bytes]:
    """Of one page of leaves, and of several below a branch, with values on pages of their own."""
    found = []
    for sizes in ([10, 20, 30], [700] * 12, [9000, 5]):
        with tempfile.TemporaryDirectory() as folder:
            write_lmdb(Path(folder), [bytes(size) for size in sizes])
            found.append((Path(folder) / "data.mdb").read_bytes())
    return found


def mutant_of_lmdb(content: bytes, rng: random.Random) -> bytes:
    """Mostly at the beginnings of pages, where the tree is, or a number among what it points with."""
    if rng.random() < 0.3:
        return of_bytes(content, rng)
    at = PAGE * rng.randrange(len(content) // PAGE)
    head = content[at : at + 160]
    if rng.random() < 0.5:
        field = rng.randrange(0, 150, 2)
        value = struct.pack("<Q", rng.choice([0, 1, 2, 3, 7, 2**16, 2**32, 2**60, 2**64 - 1]))
        width = rng.choice([2, 4, 8])
        return content[: at + field] + value[:width] + content[at + field + width :]
    changed = of_bytes(head, rng)[:160].ljust(160, b"\0")
    return content[:at] + changed + content[at + 160 :]


def read_lmdb(content: bytes, folder: Path) -> object:
    def parse(path: Path) -> list[int]:
        with Lmdb(path) as opened:
            return [len(item.value) for item in opened.items()]

    return in_reader("lsun_bedrooms", content, folder, parse)


def faces_seeds() -> list[bytes]:
    """Zips of faces as JPEG, stored and deflated, and of other formats of pictures."""
    images = drawn(3, 20, 16, 3).images
    return [
        zipped([encoded(image, form) for image in images], method)
        for form, method in (
            ("JPEG", zipfile.ZIP_STORED),
            ("JPEG", zipfile.ZIP_DEFLATED),
            ("PNG", zipfile.ZIP_STORED),
            ("WEBP", zipfile.ZIP_STORED),
        )
    ]


def zipped(pictures: list[bytes], method: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, picture in zip(FACES, pictures, strict=True):
            archive.writestr(f"img_align_celeba/{name}", picture)
    return file.getvalue()


def read_faces(content: bytes, folder: Path) -> object:
    return in_reader("celeba", content, folder, lambda path: list(squares(prepare._in_zip(path, FACES), 8)))


def picture_seeds() -> list[bytes]:
    image = drawn(1, 20, 16, 3).images[0]
    grey = np.asarray(image[:, :, 0])
    return [*(encoded(image, form) for form in ("JPEG", "PNG", "WEBP")), encoded(grey, "PNG")]


def read_picture(content: bytes, folder: Path) -> object:
    one = Encoded("it", content)
    return in_reader("celeba", content, folder, lambda _: list(squares([one], 8)))


def split_seeds() -> list[bytes]:
    return ["".join(f"{number:06}.jpg {number % 3}\n" for number in range(1, 9)).encode()]


def read_split(content: bytes, folder: Path) -> object:
    return in_reader("celeba", content, folder, lambda path: prepare._split(path.read_bytes()))


def sentences_seeds() -> list[bytes]:
    return ["A line .\nÄnother one , wîth letters .\n\n\U0001f600 last without an end".encode(), b""]


def mutant_of_text(content: bytes, rng: random.Random) -> bytes:
    if rng.random() < 0.05:
        return content + rng.choice([b"a", "ä".encode(), b"\xff"]) * 3_000_000
    return of_bytes(content, rng) if rng.random() < 0.6 else of_lines(content, rng)


def read_sentences(content: bytes, folder: Path) -> object:
    return in_reader(
        "billion_word", content, folder, lambda path: list(islice(billion_word.in_shard(path), 1000))
    )
