"""Readers of single formats, against independent readers and writers, and on broken files."""

import gzip
import io
import pickle
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import lmdb
import numpy as np
import pytest
from PIL import Image

from suite.data import cifar, idx, known, npz
from suite.data.checksums import pieces, verdict, verified
from suite.data.damage import Damaged, reading
from suite.data.known import Part
from suite.data.lmdb_file import Lmdb
from suite.data.pictures import Encoded, square, squares
from suite.errors import UserError
from tests.data import published
from tests.data.published import drawn, encoded, write_lmdb

# --- IDX ------------------------------------------------------------------------------


def test_idx_is_read_as_it_was_written() -> None:
    batch = drawn(5, 28, 28)
    np.testing.assert_array_equal(idx.parse(published.idx(batch.images), 3), batch.images)
    np.testing.assert_array_equal(idx.parse(published.idx(batch.labels), 1), batch.labels)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no IDX file"),
        (b"\0\0\x08", "no IDX file"),
        (b"<html>not found</html>", "no IDX file"),
        (bytes([0, 0, 13, 1]) + struct.pack(">If", 1, 1.0), "no IDX file"),  # floats
        (published.idx(drawn(3, 4).images), "no IDX file"),  # two dimensions
        (published.idx(drawn(3).labels)[:-1], "holds 2 bytes, and says 3"),
        (published.idx(drawn(3).labels) + b"x", "holds 4 bytes, and says 3"),
        (bytes([0, 0, 8, 1]) + b"\xff" * 4 + b"x", "holds 1 bytes, and says 4294967295"),
    ],
)
def test_what_is_no_idx_is_told(content: bytes, told: str) -> None:
    with pytest.raises(Damaged, match=told):
        idx.parse(content, 1)


# --- CIFAR-10 -------------------------------------------------------------------------


def test_a_batch_is_read_as_python_would_unpickle_it() -> None:
    batch = drawn(25, 32, 32, 3)
    content = published.cifar_batch(batch)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy has moved the function that the pickle names.
        true = pickle.loads(content, encoding="latin1")
    found = cifar.parse(content)
    np.testing.assert_array_equal(found.images.transpose(0, 3, 1, 2).reshape(25, -1), true["data"])
    assert found.labels.tolist() == true["labels"]
    np.testing.assert_array_equal(found.images, batch.images)


class Deed:
    """What a hostile pickle does when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return Path.mkdir, (self.path,)  # type: ignore[return-value]


def test_a_hostile_pickle_is_not_executed(tmp_path: Path) -> None:
    deed = tmp_path / "done"
    content = pickle.dumps({"data": Deed(deed), "labels": [1]}, protocol=2)
    with pytest.raises(Damaged, match=r"is no batch of CIFAR-10: 0 bytes of pixels, 1 labels"):
        cifar.parse(content)
    assert not deed.exists()
    pickle.loads(content)
    assert deed.exists()  # so it was a hostile one


def test_broken_batches_are_told() -> None:
    content = published.cifar_batch(drawn(2, 32, 32, 3))
    wrong = published.cifar_batch(published.Labelled(drawn(2, 32, 32, 3).images, np.array([3, 10], np.uint8)))
    for broken in (b"", b"\x80", b"<html>", content[:40], content[:3000], content[1:], wrong):
        with pytest.raises(Damaged, match="is no batch of CIFAR-10"):
            cifar.parse(broken)


# --- NumPy archives -------------------------------------------------------------------


def archive(path: Path, **arrays: object) -> Path:
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_an_array_of_an_archive_is_read(tmp_path: Path, save: Callable[..., None]) -> None:
    rows = drawn(7, 12).images
    save(tmp_path / "a.npz", data=rows, labels=np.arange(7))
    assert npz.rows(tmp_path / "a.npz", "data", 12) == 7
    np.testing.assert_array_equal(npz.array(tmp_path / "a.npz", "data", 12), rows)


def test_arrays_of_another_form_are_told(tmp_path: Path) -> None:
    rows = drawn(7, 12).images
    others = {
        "width": rows[:, :6],
        "type": rows.astype(np.int64),
        "dimensions": rows[0],
        "none": rows[:0],
        "columns": np.asfortranarray(rows),
        "objects": np.array([[{}] * 12], dtype=object),
    }
    for name, other in others.items():
        with pytest.raises(Damaged, match=r"holds .* instead of bytes of shape \(images, 12\)"):
            npz.array(archive(tmp_path / f"{name}.npz", data=other), "data", 12)
    with pytest.raises(Damaged, match="holds no readable array 'data'"):
        npz.array(archive(tmp_path / "name.npz", date=rows), "data", 12)


def test_a_header_that_promises_too_much_is_not_believed(tmp_path: Path) -> None:
    for count, told in ((10**12, "holds uint8 of shape"), (1000, "is cut short: 24 bytes of 12,000")):
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            header, {"descr": "|u1", "fortran_order": False, "shape": (count, 12)}
        )
        with zipfile.ZipFile(tmp_path / "a.npz", "w") as file:
            file.writestr("data.npy", header.getvalue() + bytes(24))
        with pytest.raises(Damaged, match=told):
            npz.array(tmp_path / "a.npz", "data", 12)


def test_a_member_that_is_no_array_is_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as file:
        file.writestr("data.npy", b"import os")
    with pytest.raises(Damaged, match="is no array of NumPy's"):
        npz.rows(tmp_path / "a.npz", "data", 12)


def test_changed_bytes_of_an_archive_are_told_or_change_what_is_read(tmp_path: Path) -> None:
    """Whatever a file says, nothing but the user's error is raised."""
    whole = archive(tmp_path / "a.npz", data=drawn(3, 12).images).read_bytes()
    told = 0
    for content in changed(whole, 600, len(whole)):
        (tmp_path / "b.npz").write_bytes(content)
        try:
            with reading(tmp_path / "b.npz", known.IMAGENET32):
                assert npz.array(tmp_path / "b.npz", "data", 12).shape[1] == 12
        except UserError:
            told += 1
    assert told > 300


def changed(whole: bytes, count: int, among: int) -> Iterator[bytes]:
    """Copies with a few of the first bytes changed."""
    rng = np.random.default_rng(0)
    for _ in range(count):
        content = bytearray(whole)
        for at in rng.integers(among, size=int(rng.integers(1, 4))):
            content[at] = int(rng.choice([0, 40, 123, 255, rng.integers(256)]))
        yield bytes(content)


def test_changed_bytes_of_a_batch_are_told_or_change_what_is_read() -> None:
    whole, told = published.cifar_batch(drawn(4, 32, 32, 3)), 0
    for content in changed(whole, 200, 250):
        try:
            assert cifar.parse(content).images.shape[1:] == (32, 32, 3)
        except Damaged:
            told += 1
    assert told > 50


# --- LMDB -----------------------------------------------------------------------------


def values(count: int) -> list[bytes]:
    """Short ones that lie in their page, and long ones that have pages of their own."""
    rng = np.random.default_rng(1)
    return [
        rng.bytes(int(rng.integers(1, 200) if i % 3 else rng.integers(3000, 20_000))) for i in range(count)
    ]


@pytest.mark.parametrize("count", [0, 1, 5, 400])
def test_a_database_is_read_as_the_library_reads_it(tmp_path: Path, count: int) -> None:
    write_lmdb(tmp_path, values(count))
    with lmdb.open(str(tmp_path), readonly=True, lock=False) as library, library.begin() as transaction:
        true = [(bytes(key), bytes(value)) for key, value in transaction.cursor()]
        depth = library.stat()["depth"]
    with Lmdb(tmp_path / "data.mdb") as found:
        assert len(found) == count
        assert [tuple(item) for item in found.items()] == true
        for part in (slice(3), slice(3, None), slice(-2, None)):
            assert [tuple(item) for item in found.items(part)] == true[part]
    assert depth == {0: 0, 1: 1, 5: 1, 400: 2}[count]


def test_a_database_changed_later_is_read_as_it_is_now(tmp_path: Path) -> None:
    write_lmdb(tmp_path, values(9))
    write_lmdb(tmp_path, [b"new", b"newer"])
    with Lmdb(tmp_path / "data.mdb") as found:
        assert [item.value for item in found.items()][:2] == [b"new", b"newer"]


def test_every_cut_of_a_database_is_told(tmp_path: Path) -> None:
    write_lmdb(tmp_path, values(60))
    whole = (tmp_path / "data.mdb").read_bytes()
    cut = tmp_path / "cut"
    for length in (0, 1, 50, 150, 4096, 4200, 8191, *range(8192, len(whole) - 4096, 4096 * 7)):
        cut.write_bytes(whole[:length])
        with pytest.raises(Damaged, match=r"is empty|is cut short or broken"):
            list(opened_items(cut))


def test_changed_bytes_are_told_or_change_what_is_read(tmp_path: Path) -> None:
    """Whatever a file says, nothing but Damaged is raised, and no more comes than it states."""
    write_lmdb(tmp_path, values(60))
    whole = (tmp_path / "data.mdb").read_bytes()
    rng, other, told = np.random.default_rng(0), tmp_path / "other", 0
    pages = [at for at in range(0, len(whole), 4096) if at < 8192 or whole[at + 10] in (1, 2)]
    for _ in range(300):
        content = bytearray(whole)
        at = int(rng.choice(pages) + rng.integers(160))
        content[at] ^= int(rng.integers(1, 256))
        other.write_bytes(content)
        try:
            list(opened_items(other))
        except Damaged:
            told += 1
    assert told > 30


def test_a_tree_that_holds_itself_is_told(tmp_path: Path) -> None:
    write_lmdb(tmp_path, values(400))
    content = bytearray((tmp_path / "data.mdb").read_bytes())
    with Lmdb(tmp_path / "data.mdb") as found:
        root = found._tree.root
    page = 4096 * root
    (node,) = struct.unpack_from("<H", content, page + 16)
    struct.pack_into("<H", content, page + node, root)
    (tmp_path / "loop").write_bytes(content)
    with pytest.raises(Damaged, match=f"has a broken page {root}"):
        list(opened_items(tmp_path / "loop"))


def test_other_files_are_no_databases(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"<html>" * 10_000)
    with pytest.raises(Damaged, match="is no LMDB file"):
        Lmdb(tmp_path / "x")


def opened_items(path: Path) -> list[object]:
    with Lmdb(path) as found:
        return list(found.items())


# --- Pictures -------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_wide_picture_loses_its_sides(form: str) -> None:
    """Red on the left, green in the middle, blue on the right; the middle is as high as wide."""
    image = np.zeros((100, 300, 3), np.uint8)
    image[:, :100, 0] = image[:, 100:200, 1] = image[:, 200:, 2] = 255
    small = square(Encoded("x", encoded(image, form)), 64).astype(int)
    assert small.shape == (64, 64, 3)
    inside = small[:, 4:-4]
    np.testing.assert_allclose(inside, np.broadcast_to([0, 255, 0], inside.shape), atol=10)


def test_a_high_picture_loses_top_and_bottom() -> None:
    image = np.zeros((218, 178, 3), np.uint8)
    image[20:198] = 200
    assert (square(Encoded("x", encoded(image)), 64) == 200).all()


def test_a_grey_picture_has_three_equal_channels() -> None:
    image = drawn(1, 64, 64).images[0]
    np.testing.assert_array_equal(square(Encoded("x", encoded(image)), 64), np.repeat(image[..., None], 3, 2))


def test_shrinking_averages() -> None:
    """Antialiasing: a fine chequerboard becomes grey."""
    board = (np.indices((512, 512)).sum(axis=0) % 2 * 255).astype(np.uint8)
    small = square(Encoded("x", encoded(board)), 64)
    assert np.abs(small.astype(int) - 127.5).max() < 6


def test_pictures_come_in_their_order() -> None:
    pictures = drawn(600, 8, 8, 3).images
    found = list(squares((Encoded(str(i), encoded(image)) for i, image in enumerate(pictures)), 8))
    assert [len(batch) for batch in found] == [256, 256, 88]
    np.testing.assert_array_equal(np.concatenate(found), pictures)


def test_broken_pictures_are_told_with_their_name() -> None:
    whole = encoded(drawn(1, 64, 64, 3).images[0])
    bitmap = encoded(drawn(1, 8, 8, 3).images[0], "BMP")
    huge = io.BytesIO()
    Image.new("1", (9000, 1)).save(huge, "PNG")
    for content in (b"", b"<html>", whole[:2000], bitmap):
        with pytest.raises(Damaged, match=r"picture 0017\.jpg is no readable picture"):
            square(Encoded("0017.jpg", content), 64)
    with pytest.raises(Damaged, match="picture x is 9000 x 1 pixels large"):
        square(Encoded("x", huge.getvalue()), 64)


# --- Checksums ------------------------------------------------------------------------

HELLO = Part("hello", "hello.gz", 5, "md5:5d41402abc4b2a76b9719d911017c592")


def test_checksums_are_of_the_unpacked_content(tmp_path: Path) -> None:
    (tmp_path / "hello").write_bytes(b"hello")
    (tmp_path / "hello.gz").write_bytes(gzip.compress(b"hello", compresslevel=1, mtime=7))
    for name in ("hello", "hello.gz"):
        assert verdict(HELLO, tmp_path / name) == "ok"
        assert verified(HELLO, tmp_path / name) == b"hello"


def test_a_beginning_of_a_checksum_will_do(tmp_path: Path) -> None:
    (tmp_path / "hello").write_bytes(b"hello")
    part = Part("hello", checksum="sha256:2cf24dba")
    assert verdict(part, tmp_path / "hello") == "ok"
    assert (
        verdict(part._replace(checksum="sha256:2cf24dbb"), tmp_path / "hello")
        == "differs from the published one"
    )
    assert verdict(part._replace(checksum=""), tmp_path / "hello") == "no published checksum"


def test_other_content_differs(tmp_path: Path) -> None:
    (tmp_path / "hello").write_bytes(b"hallo")
    assert verdict(HELLO, tmp_path / "hello") == "differs from the published one"
    with pytest.raises(Damaged, match="differs from the published file"):
        verified(HELLO, tmp_path / "hello")


def test_a_small_archive_of_much_is_not_unpacked(tmp_path: Path) -> None:
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(bytes(10_000_000)))
    with pytest.raises(Damaged, match="unpacks to more than 5 bytes"):
        next(pieces(HELLO, tmp_path / "bomb.gz"))
