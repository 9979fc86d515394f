"""``data``: which data sets are here, their checksums, and how to get the others."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from suite.cli import COMMANDS
from suite.data import catalogue, download, known
from tests.cli.calls import call
from tests.data.published import Place, drawn, encoded, place_at, write_idx, write_lmdb

NAMES = [entry.name for entry in known.EVERY]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """An empty data folder."""
    yield from place_at(tmp_path / "data", monkeypatch)


def put_mnist(data: Place, *, packed: bool = False) -> Path:
    folder = data.root / "MNIST/raw"
    write_idx(folder, drawn(30, 28, 28), drawn(20, 28, 28), packed=packed)
    data.publish("mnist")
    return folder


def table(out: str) -> dict[str, str]:
    """The state of each data set, by name."""
    rows = [line.split("  ") for line in out.split("\n\n")[0].splitlines()]
    return {row[0].strip(): next(cell for cell in row[1:] if cell).strip() for row in rows}


def test_every_data_set_is_listed_with_its_state(data: Place) -> None:
    put_mnist(data)
    answer = call("data")
    assert (answer.status, answer.err) == (0, "")
    assert table(answer.out) == dict.fromkeys(NAMES, "missing") | {
        "digits": "comes with a package",
        "mnist": "there",
    }
    assert (
        f"fashion_mnist  missing               {data.root}/FashionMNIST/raw or {data.root}/debian\n"
        in answer.out
    )
    assert (
        f"\ncifar10: get it: uv run run_suite.py data cifar10 --download --data {data.root}\n" in answer.out
    )
    assert "\nmnist: " not in answer.out


def test_only_the_named_sets_are_listed(data: Place) -> None:
    answer = call("data", "cifar10", "digits", "cifar10")
    assert list(table(answer.out)) == ["cifar10", "digits"]


def test_the_json_list_says_the_same(data: Place) -> None:
    folder = put_mnist(data)
    (folder / "t10k-labels-idx1-ubyte").write_bytes(b"x")
    answer = call("data", "mnist", "digits", "--json")
    found = json.loads(answer.out)
    assert answer.status == 0
    assert found["root"] == str(data.root)
    mnist, digits = found["sets"]
    assert mnist["name"] == "mnist"
    assert mnist["state"] == "missing"
    assert mnist["looked_in"] == [str(folder)]
    assert [file["fault"] for file in mnist["files"]] == [
        None,
        None,
        None,
        "t10k-labels-idx1-ubyte has 1 bytes instead of 28",
    ]
    assert [file["checksum"] for file in mnist["files"]] == [None] * 4
    assert mnist["get"] == f"get it: uv run run_suite.py data mnist --download --data {data.root}"
    assert digits == {
        "name": "digits",
        "title": "scikit-learn's digits",
        "state": "comes with a package",
        "looked_in": [],
        "files": [],
        "get": None,
    }


@pytest.mark.parametrize("packed", [False, True])
def test_checksums_are_compared_where_asked_for(data: Place, packed: bool) -> None:
    folder = put_mnist(data, packed=packed)
    end = ".gz" if packed else ""
    answer = call("data", "mnist", "--check")
    assert answer.status == 0
    assert f"{folder}/train-images-idx3-ubyte{end}: ok\n" in answer.out
    assert answer.out.count(": ok") == 4
    assert ": ok" not in call("data", "mnist").out


def test_a_file_that_differs_is_told_by_the_status_too(data: Place) -> None:
    folder = put_mnist(data)
    content = (folder / "t10k-labels-idx1-ubyte").read_bytes()
    (folder / "t10k-labels-idx1-ubyte").write_bytes(content[:-1] + b"\x07")
    answer = call("data", "mnist", "--check", "--json")
    assert answer.status == 1
    assert [file["checksum"] for file in json.loads(answer.out)["sets"][0]["files"]] == [
        "ok",
        "ok",
        "ok",
        "differs from the published one",
    ]


def test_an_archive_that_cannot_be_unpacked_differs(data: Place) -> None:
    folder = put_mnist(data, packed=True)
    path = folder / "train-images-idx3-ubyte.gz"
    for broken in (
        path.read_bytes()[:99],
        b"<html>",
        path.read_bytes()[:40] + b"\xff" * 40 + path.read_bytes()[80:],
    ):
        path.write_bytes(broken)
        answer = call("data", "mnist", "--check")
        assert answer.status == 1
        assert f"{path}: differs from the published one\n" in answer.out


def test_files_without_a_published_checksum_say_so(data: Place) -> None:
    write_lmdb(data.root / "lsun/bedroom_train_lmdb", [b"x"])
    answer = call("data", "lsun_bedrooms", "--check")
    assert answer.status == 0
    assert answer.out.count("data.mdb: no published checksum") == 1


def test_a_large_set_is_prepared(data: Place) -> None:
    pictures = [encoded(image) for image in drawn(3, 64, 64, 3).images]
    write_lmdb(data.root / "lsun/bedroom_train_lmdb", pictures)
    before = call("data", "lsun_bedrooms")
    assert table(before.out) == {"lsun_bedrooms": "not prepared"}
    assert f"prepare it: uv run run_suite.py data lsun_bedrooms --prepare --data {data.root}" in before.out
    after = call("data", "lsun_bedrooms", "--prepare")
    assert after.status == 0
    assert table(after.out) == {"lsun_bedrooms": "there"}


def test_a_set_is_fetched_once(data: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[Path] = []
    shutil.rmtree(put_mnist(data))

    def fetch(folder: Path) -> None:
        fetched.append(folder)
        write_idx(folder / "MNIST/raw", drawn(30, 28, 28), drawn(20, 28, 28))

    monkeypatch.setitem(download._FETCH, "mnist", fetch)
    for _ in range(2):
        answer = call("data", "mnist", "--download")
        assert answer.status == 0
        assert table(answer.out) == {"mnist": "there"}
    assert fetched == [data.root]


def test_a_failed_download_is_told(data: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(folder: Path) -> None:
        raise OSError("no route to host")

    monkeypatch.setitem(download._FETCH, "celeba", fetch)
    answer = call("data", "celeba", "--download")
    assert answer.status == 2
    assert answer.out == ""
    assert answer.err == (
        f"error: CelebA: the download to {data.root} failed: no route to host\n    {known.CELEBA.hint}\n"
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("data fashion_mnst", "did you mean 'fashion_mnist'?"),
        ("data --download", "which data set?"),
        ("data --prepare", "which data set?"),
        ("data lsun_bedrooms --download", "LSUN bedrooms: there is no download"),
        ("data lsun_bedrooms --prepare", "LSUN bedrooms: no bedroom_train_lmdb/data.mdb in "),
        ("data mnist --check --download", "not allowed with argument --check"),
        ("data --scale smoke", "unrecognized arguments: --scale"),
        ("data mnist critic.width=3", "no data set 'critic.width=3'"),
    ],
)
def test_mistakes_are_told(data: Place, words: str, told: str) -> None:
    answer = call(*words.split())
    assert answer.status == 2
    assert answer.err.startswith("error: ")
    assert told in answer.err
    assert "Traceback" not in answer.err
    assert answer.out == ""


def test_the_option_names_the_folder_for_processes_to_come(data: Place, tmp_path: Path) -> None:
    answer = call("data", "cifar10", "--data", str(tmp_path / "other"))
    assert f"{tmp_path}/other/cifar-10-batches-py" in answer.out
    assert os.environ[catalogue.VARIABLE] == str(tmp_path / "other")


@pytest.mark.parametrize("command", [*COMMANDS, "data"])
def test_every_command_takes_the_folder(command: str) -> None:
    assert "--data DIR" in call(command, "--help").out
