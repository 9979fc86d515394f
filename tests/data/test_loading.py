"""Whole data sets, small but in the true formats: read, missing, damaged."""

import gzip
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torchvision

from suite.data import catalogue, images, known
from suite.data.download import download
from suite.data.prepare import prepare
from suite.errors import UserError
from suite.spec.sizes import of_kind
from tests.data import published
from tests.data.published import (
    IDX,
    Labelled,
    Place,
    drawn,
    encoded,
    write_celeba,
    write_cifar,
    write_idx,
    write_imagenet32,
    write_lmdb,
)

TRAIN, TEST = drawn(30, 28, 28), drawn(20, 28, 28, seed=1)
BATCHES = [drawn(10, 32, 32, 3, seed=seed) for seed in range(6)]
ROWS = [drawn(4 + seed, 32, 32, 3, seed=seed) for seed in range(11)]
SMALL = list(drawn(12, 64, 64, 3).images)


def told(name: str) -> str:
    """The message of a set that cannot be loaded."""
    with pytest.raises(UserError) as error:
        images.load(of_kind(name))
    return str(error.value)


def told_by_preparing(name: str) -> str:
    with pytest.raises(UserError) as error:
        prepare(catalogue.entry(name))
    return str(error.value)


# --- MNIST and Fashion-MNIST ----------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("name", "folder"), [("mnist", "MNIST/raw"), ("fashion_mnist", "FashionMNIST/raw")])
def test_idx_sets_are_padded_and_keep_their_parts(place: Place, name: str, folder: str, packed: bool) -> None:
    write_idx(place.root / folder, TRAIN, TEST, packed=packed)
    place.publish(name)
    found = images.load(of_kind(name))
    assert found.train.shape == (30, 32, 32, 1)
    np.testing.assert_array_equal(found.train[:, 2:-2, 2:-2, 0], TRAIN.images)
    np.testing.assert_array_equal(found.held_out[:, 2:-2, 2:-2, 0], TEST.images)
    assert found.train.sum() == TRAIN.images.sum(dtype=np.int64)  # the border is black
    assert found.train_labels.tolist() == TRAIN.labels.tolist()
    assert found.held_out_labels.tolist() == TEST.labels.tolist()
    assert found.train_labels.dtype == np.int64


def test_debians_files_are_read_where_they_are(place: Place) -> None:
    write_idx(place.root / "debian", TRAIN, TEST, packed=True)
    place.publish("fashion_mnist")
    np.testing.assert_array_equal(
        images.load(of_kind("fashion_mnist")).train[0, 2:-2, 2:-2, 0], TRAIN.images[0]
    )
    assert not (place.root / "FashionMNIST").exists()


def test_a_part_of_a_set_does_not_hide_the_whole_one(place: Place) -> None:
    write_idx(place.root / "debian", TRAIN, TEST, packed=True)
    write_idx(place.root / "FashionMNIST/raw", TEST, TRAIN)
    (place.root / "FashionMNIST/raw" / IDX[3]).unlink()
    place.publish("fashion_mnist")
    assert len(images.load(of_kind("fashion_mnist")).train) == 30


def damage(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


@pytest.mark.parametrize("name", IDX)
def test_a_file_of_other_content_is_not_taken(place: Place, name: str) -> None:
    folder = place.root / "MNIST/raw"
    write_idx(folder, TRAIN, TEST)
    place.publish("mnist")
    damage(folder / name, lambda content: content[:-1] + bytes([content[-1] ^ 1]))
    message = told("mnist")
    assert message.startswith(f"{folder / name}: differs from the published file (md5:")
    assert (
        f"\n    remove it, then get it: uv run run_suite.py data mnist --download --data {place.root}"
        in message
    )


def test_the_files_of_another_set_are_not_taken(place: Place) -> None:
    write_idx(place.root / "MNIST/raw", TRAIN, TEST)
    place.publish("mnist")
    write_idx(place.root / "MNIST/raw", drawn(30, 28, 28, seed=5), TEST)
    assert "train-images-idx3-ubyte: differs from the published file" in told("mnist")


def test_a_file_cut_short_is_told_before_it_is_read(place: Place) -> None:
    write_idx(place.root / "MNIST/raw", TRAIN, TEST)
    place.publish("mnist")
    damage(place.root / "MNIST/raw" / IDX[0], lambda content: content[:1000])
    assert told("mnist").startswith(
        f"MNIST: {IDX[0]} has 1,000 bytes instead of 23,536 in {place.root}/MNIST/raw\n"
    )
    (place.root / "MNIST/raw" / IDX[0]).write_bytes(b"")
    assert told("mnist").startswith(f"MNIST: {IDX[0]} is empty in ")


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[: len(content) // 2],
        lambda content: b"<html>404</html>",
        lambda content: content[:30] + b"\xff" * 30 + content[60:],
        lambda content: gzip.compress(bytes(10**7)),
        lambda content: content[:-6] + b"\0\0" + content[-4:],
    ],
    ids=["cut", "html", "garbled", "bomb", "sum"],
)
def test_a_broken_archive_is_told(place: Place, change: Callable[[bytes], bytes]) -> None:
    folder = place.root / "MNIST/raw"
    write_idx(folder, TRAIN, TEST, packed=True)
    place.publish("mnist")
    path = folder / f"{IDX[0]}.gz"
    damage(path, change)
    message = told("mnist")
    assert message.startswith(f"{path}: ")
    assert re.search("cannot be read|differs|unpacks to more", message)
    assert "\n    remove it, then get it: " in message


@pytest.mark.parametrize(
    ("train", "message"),
    [
        (Labelled(TRAIN.images, TRAIN.labels[:-1]), "holds 29 labels up to 9 for 30 images"),
        (Labelled(TRAIN.images, TRAIN.labels + np.uint8(1)), "holds 30 labels up to 10 for 30 images"),
        (Labelled(TRAIN.images[:, :20], TRAIN.labels), r"holds an array of shape \(30, 20, 28\)"),
        (Labelled(TRAIN.images[:0], TRAIN.labels), r"holds an array of shape \(0, 28, 28\)"),
        (Labelled(TRAIN.labels, TRAIN.labels), "is no IDX file of bytes in 3 dimensions"),
    ],
)
def test_files_that_do_not_fit_each_other_are_told(place: Place, train: Labelled, message: str) -> None:
    write_idx(place.root / "MNIST/raw", train, TEST)
    place.publish("mnist")
    assert re.search(message, told("mnist"))


# --- CIFAR-10 -------------------------------------------------------------------------


def test_cifar_joins_its_batches(place: Place) -> None:
    write_cifar(place.root / "cifar-10-batches-py", BATCHES)
    place.publish("cifar10")
    found = images.load(of_kind("cifar10"))
    np.testing.assert_array_equal(found.train, np.concatenate([batch.images for batch in BATCHES[:5]]))
    np.testing.assert_array_equal(found.held_out, BATCHES[5].images)
    assert found.train_labels.tolist() == list(range(10)) * 5
    assert found.held_out_labels.tolist() == list(range(10))


def test_a_batch_of_other_content_is_not_taken(place: Place) -> None:
    folder = place.root / "cifar-10-batches-py"
    write_cifar(folder, BATCHES)
    place.publish("cifar10")
    (folder / "data_batch_3").write_bytes((folder / "data_batch_2").read_bytes())
    assert told("cifar10").startswith(f"{folder / 'data_batch_3'}: differs from the published file")


def test_the_table_has_torchvisions_checksums() -> None:
    cifar = torchvision.datasets.CIFAR10
    parts = {part.name: part.checksum for part in known.CIFAR10.parts}
    assert parts == {name: f"md5:{md5}" for name, md5 in cifar.train_list + cifar.test_list}
    celeba = {name: f"md5:{md5}" for _, md5, name in torchvision.datasets.CelebA.file_list}
    assert all(celeba[part.name] == part.checksum for part in known.CELEBA.parts)
    for entry, class_ in (
        (known.MNIST, torchvision.datasets.MNIST),
        (known.FASHION_MNIST, torchvision.datasets.FashionMNIST),
    ):
        assert [part.also for part in entry.parts] == [name for name, _ in class_.resources]
        assert entry.folders[0] == f"{class_.__name__}/raw"


# --- Large sets -----------------------------------------------------------------------


def put_lsun(place: Place) -> None:
    write_lmdb(place.root / "lsun/bedroom_train_lmdb", [encoded(image) for image in SMALL])


def put_celeba(place: Place, *, unpacked: bool = False) -> None:
    faces = [encoded(image) for image in SMALL]
    write_celeba(place.root / "celeba", faces, "000001122200", unpacked=unpacked)
    place.publish("celeba")


def put_imagenet32(place: Place) -> None:
    write_imagenet32(place.root / "imagenet32", ROWS)


def load_prepared(name: str) -> images.Images:
    prepare(catalogue.entry(name))
    assert catalogue.missing(of_kind(name)) == ""
    return images.load(of_kind(name))


def test_lsun_is_prepared_and_mapped(place: Place) -> None:
    put_lsun(place)
    found = load_prepared("lsun_bedrooms")
    np.testing.assert_array_equal(found.train, SMALL[:10])
    np.testing.assert_array_equal(found.held_out, SMALL[10:])
    assert isinstance(found.train, np.memmap)
    assert len(found.train_labels) == len(found.held_out_labels) == 0
    assert images.sample(of_kind("lsun_bedrooms"), np.random.default_rng(0), 5).shape == (5, 12288)
    assert images.held_out(of_kind("lsun_bedrooms"), 7, "x").shape == (7, 12288)


def test_of_many_bedrooms_a_fixed_number_is_held_out(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("suite.data.prepare._HELD_OUT", 1)
    put_lsun(place)
    found = load_prepared("lsun_bedrooms")
    np.testing.assert_array_equal(found.train, SMALL[:11])
    np.testing.assert_array_equal(found.held_out, SMALL[11:])


@pytest.mark.parametrize("unpacked", [False, True])
def test_celeba_is_cut_into_its_parts(place: Place, unpacked: bool) -> None:
    put_celeba(place, unpacked=unpacked)
    found = load_prepared("celeba")
    np.testing.assert_array_equal(found.train, [*SMALL[:5], *SMALL[10:]])
    np.testing.assert_array_equal(found.held_out, SMALL[7:10])


def test_imagenet32_turns_planes_into_pixels(place: Place) -> None:
    put_imagenet32(place)
    found = load_prepared("imagenet32")
    np.testing.assert_array_equal(found.train, np.concatenate([rows.images for rows in ROWS[:10]]))
    np.testing.assert_array_equal(found.held_out, ROWS[10].images)


@pytest.mark.parametrize(
    ("put", "name", "folder"),
    [
        (put_lsun, "lsun_bedrooms", "lsun"),
        (put_celeba, "celeba", "celeba"),
        (put_imagenet32, "imagenet32", "imagenet32"),
    ],
)
def test_a_prepared_set_needs_its_files_no_more(
    place: Place, put: Callable[[Place], None], name: str, folder: str
) -> None:
    put(place)
    before = load_prepared(name)
    shutil.rmtree(place.root / folder)
    published.forget()
    np.testing.assert_array_equal(load_prepared(name).held_out, before.held_out)


def test_preparing_twice_does_nothing(place: Place) -> None:
    put_lsun(place)
    prepare(catalogue.entry("lsun_bedrooms"))
    paths = sorted((place.root / "prepared").iterdir())
    assert [path.name for path in paths] == [
        "lsun_bedrooms-64x64x3-held_out.npy",
        "lsun_bedrooms-64x64x3-train.npy",
    ]
    before = [path.stat().st_mtime_ns for path in paths]
    prepare(catalogue.entry("lsun_bedrooms"))
    assert [path.stat().st_mtime_ns for path in paths] == before


def test_a_set_that_is_not_prepared_is_told(place: Place) -> None:
    put_lsun(place)
    assert told("lsun_bedrooms") == (
        f"LSUN bedrooms: the files are there, but not yet prepared in {place.root}/prepared\n"
        f"    prepare it: uv run run_suite.py data lsun_bedrooms --prepare --data {place.root}"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content[:-1], "is cut short or no array"),
        (lambda content: content[:50], "is cut short or no array"),
        (lambda content: b"<html>", "is cut short or no array"),
        (lambda content: content.replace(b"'shape'", b"((((((("), "is cut short or no array"),
        (lambda content: b"PK\x03\x04" + content, "cannot be read|no array"),
        (lambda content: content.replace(b"|u1", b"|i1"), "holds no images of shape"),
        (lambda content: content.replace(b"32, 32, 3)", b"16, 64, 3)"), "holds no images of shape"),
    ],
)
def test_a_damaged_prepared_file_is_told(
    place: Place, change: Callable[[bytes], bytes], message: str
) -> None:
    put_imagenet32(place)
    load_prepared("imagenet32")
    published.forget()
    path = place.root / "prepared/imagenet32-32x32x3-train.npy"
    damage(path, change)
    found = told("imagenet32")
    assert found.startswith(f"{path}: ")
    assert re.search(message, found)
    assert f"make it anew: uv run run_suite.py data imagenet32 --prepare --data {place.root}" in found


def lsun_picture(place: Place) -> str:
    write_lmdb(place.root / "lsun/bedroom_train_lmdb", [encoded(SMALL[0]), b"<html>"])
    return r"data.mdb: picture 0+1 is no readable picture"


def lsun_cut(place: Place) -> str:
    damage(place.root / "lsun/bedroom_train_lmdb/data.mdb", lambda content: content[:9000])
    return r"bedroom_train_lmdb/data.mdb: is cut short or broken"


def lsun_empty(place: Place) -> str:
    (place.root / "lsun/bedroom_train_lmdb/data.mdb").unlink()
    write_lmdb(place.root / "lsun/bedroom_train_lmdb", [])
    return r"bedroom_train_lmdb/data.mdb: holds no pictures"


def lsun_other(place: Place) -> str:
    (place.root / "lsun/bedroom_train_lmdb/data.mdb").write_bytes(b"x" * 9000)
    return r"bedroom_train_lmdb/data.mdb: is no LMDB file"


def lsun_gone(place: Place) -> str:
    (place.root / "lsun/bedroom_train_lmdb/data.mdb").unlink()
    return r"LSUN bedrooms: no bedroom_train_lmdb/data.mdb in .*/lsun\n    put the LSUN project's folder"


def imagenet32_cut(place: Place) -> str:
    damage(place.root / "imagenet32/train_data_batch_4.npz", lambda content: content[:5000])
    return r"train_data_batch_4.npz: cannot be read: File is not a zip file"


def imagenet32_garbled(place: Place) -> str:
    damage(place.root / "imagenet32/val_data.npz", lambda content: content[:400] + b"\0" * 99 + content[499:])
    return r"val_data.npz: cannot be read: Bad CRC-32"


def imagenet32_objects(place: Place) -> str:
    np.savez(place.root / "imagenet32/val_data.npz", data=np.array([{}], dtype=object))
    return r"val_data.npz: holds object of shape"


def celeba_name(place: Place) -> str:
    (place.root / "celeba/list_eval_partition.txt").write_text("../../secret.jpg 0\n")
    place.publish("celeba")
    return r"list_eval_partition.txt: line 1 is not a file's name and 0, 1 or 2"


def celeba_list(place: Place) -> str:
    (place.root / "celeba/list_eval_partition.txt").write_text("000001.jpg 0\n")
    return r"list_eval_partition.txt: differs from the published file"


def celeba_zip(place: Place) -> str:
    damage(place.root / "celeba/img_align_celeba.zip", lambda content: content[:-9] + b"x" + content[-8:])
    return r"img_align_celeba.zip: differs from the published file"


def celeba_member(place: Place) -> str:
    with zipfile.ZipFile(place.root / "celeba/img_align_celeba.zip", "w") as archive:
        archive.writestr("000001.jpg", b"")
    place.publish("celeba")
    return r"img_align_celeba.zip: has no picture 000001.jpg"


def celeba_bomb(place: Place) -> str:
    with zipfile.ZipFile(place.root / "celeba/img_align_celeba.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("img_align_celeba/000001.jpg", bytes(70_000_000))
    place.publish("celeba")
    return r"img_align_celeba.zip: picture 000001.jpg unpacks to 70,000,000 bytes"


@pytest.mark.parametrize(
    ("put", "harm"),
    [
        *((put_lsun, harm) for harm in (lsun_picture, lsun_cut, lsun_empty, lsun_other, lsun_gone)),
        *((put_imagenet32, harm) for harm in (imagenet32_cut, imagenet32_garbled, imagenet32_objects)),
        *((put_celeba, harm) for harm in (celeba_name, celeba_list, celeba_zip, celeba_member, celeba_bomb)),
    ],
    ids=lambda function: function.__name__,
)
def test_what_cannot_be_prepared_is_told(
    place: Place, put: Callable[[Place], None], harm: Callable[[Place], str]
) -> None:
    put(place)
    pattern = harm(place)
    message = told_by_preparing({"put_lsun": "lsun_bedrooms"}.get(put.__name__, put.__name__[4:]))
    assert re.search(pattern, message), message
    assert "\n    " in message
    assert not list(place.root.glob("prepared/.*"))  # nothing half written is left


def test_a_missing_face_is_told(place: Place) -> None:
    put_celeba(place, unpacked=True)
    (place.root / "celeba/img_align_celeba/000003.jpg").unlink()
    assert re.search(r"img_align_celeba: cannot be read: .*000003\.jpg", told_by_preparing("celeba"))


def test_a_folder_that_cannot_be_written_is_told(place: Place) -> None:
    put_imagenet32(place)
    (place.root / "prepared").write_text("in the way")
    message = told_by_preparing("imagenet32")
    assert "imagenet32-32x32x3-train.npy: cannot be written" in message
    assert "--data DIR" in message


# --- What is missing ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "first", "cure"),
    [
        ("mnist", "MNIST: no train-images-idx3-ubyte (and 3 more) in {0}/MNIST/raw", "data mnist --download"),
        (
            "fashion_mnist",
            "(and 3 more) in {0}/FashionMNIST/raw or {0}/debian",
            "apt-get install dataset-fashion-mnist",
        ),
        (
            "cifar10",
            "CIFAR-10: no data_batch_1 (and 5 more) in {0}/cifar-10-batches-py",
            "data cifar10 --download",
        ),
        (
            "lsun_bedrooms",
            "LSUN bedrooms: no bedroom_train_lmdb/data.mdb in {0}/lsun",
            "--prepare",
        ),
        ("celeba", "CelebA: no img_align_celeba.zip (and 1 more) in {0}/celeba", "data celeba --download"),
        (
            "imagenet32",
            "ImageNet 32 x 32: no train_data_batch_1.npz (and 10 more) in {0}/imagenet32",
            "--prepare",
        ),
    ],
)
def test_what_is_missing_is_told_with_the_cure(place: Place, name: str, first: str, cure: str) -> None:
    message = catalogue.missing(of_kind(name))
    assert first.format(place.root) in message
    assert cure in message.split("\n    ", 1)[1]
    assert f"--data {place.root}" in message
    assert told(name) == message


def test_the_inception_weights_are_put_by_hand(place: Place) -> None:
    weights = catalogue.entry("inception")
    assert "no weights-inception-2015-12-05-6726825d.pth in" in catalogue.absent(weights)
    (place.root / "inception").mkdir(parents=True)
    (place.root / "inception/weights-inception-2015-12-05-6726825d.pth").write_bytes(b"x")
    assert catalogue.absent(weights) == ""


def test_what_comes_with_a_package_is_never_missing(place: Place) -> None:
    assert catalogue.missing(of_kind("digits")) == ""


# --- Downloads ------------------------------------------------------------------------


def test_a_download_that_fails_is_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    class Unreachable:
        def __init__(self, root: Path, *, download: bool) -> None:
            raise RuntimeError("no route to host")

    monkeypatch.setattr(torchvision.datasets, "MNIST", Unreachable)
    with pytest.raises(UserError, match=r"MNIST: the download to .* failed: no route to host\n    "):
        download(catalogue.entry("mnist"))


def test_cifars_archive_is_fetched_with_its_checksum_and_never_unpickled(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[object, ...]] = []

    def fetch(url: str, root: str, *, filename: str, md5: str) -> None:
        asked.append((url, root, filename, md5))

    monkeypatch.setattr(torchvision.datasets.utils, "download_and_extract_archive", fetch)
    download(catalogue.entry("cifar10"))
    class_ = torchvision.datasets.CIFAR10
    assert asked == [(class_.url, str(place.root), class_.filename, class_.tgz_md5)]


@pytest.mark.parametrize("name", ["digits", "lsun_bedrooms", "imagenet32", "inception"])
def test_some_sets_cannot_be_downloaded(place: Place, name: str) -> None:
    with pytest.raises(UserError, match="there is no download\n    "):
        download(catalogue.entry(name))
