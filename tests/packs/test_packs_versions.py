"""Where the records of runs lie that use packs, and which of them count."""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

import suite
from suite.spec.load import load as load_file
from suite.spec.packs.found import pack
from suite.spec.runs import Run
from suite.store.packs import content
from suite.store.record import Code
from suite.store.store import Store
from suite.store.version import ROOT, fingerprint
from suite.store.version_names import apart, code_of, joined, loaded
from tests.launch.records import record
from tests.packs.conftest import BAG
from tests.runs import runs

Load = Callable[..., None]
SUITE = "0123456789ab"


def own_run() -> Run:
    path = ROOT / "experiments" / "wgan_gp" / "unit_gradient.yaml"
    return runs(load_file(path, "desk"), "desk", "", [10])[0]


def run_of_bag() -> Run:
    return runs(load_file(BAG / "experiments" / "bag" / "everything.yaml", "desk"), "desk", "", [10])[0]


def test_a_version_is_taken_apart_again() -> None:
    whole = joined(SUITE, {"two": "2" * 12, "a-b": "1" * 12})
    assert whole == f"{SUITE}+a-b.{'1' * 12}+two.{'2' * 12}"
    assert apart(whole) == (SUITE, {"a-b": "1" * 12, "two": "2" * 12})
    assert apart(SUITE) == (SUITE, {})


def test_the_suites_own_runs_have_the_same_version_with_and_without(bag: Path, load: Load) -> None:
    run = own_run()
    assert code_of([run]).fingerprint == fingerprint()
    load()
    assert code_of([run]).fingerprint == fingerprint()


def test_a_run_of_a_pack_has_the_packs_content_in_its_version(bag: Path) -> None:
    of_it = pack("bag")
    assert of_it is not None
    expected = f"{fingerprint()}+bag.{content(of_it)}"
    assert code_of([run_of_bag()]).fingerprint == expected == code_of([own_run(), run_of_bag()]).fingerprint


# --- The store ----------------------------------------------------------------------------


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """Results of a run of the suite's own, and of one that uses ``bag`` as it was twice."""
    for version, name, age in (
        (SUITE, "own", 0),
        (f"{SUITE}+bag.old", "b+bag", 100),
        (f"{SUITE}+bag.new", "b+bag", 0),
    ):
        folder = tmp_path / "runs" / version / name
        folder.mkdir(parents=True)
        os.utime(folder.parent, (1e9 - age, 1e9 - age))
    (tmp_path / "runs" / "fedcba987654+bag.new" / "c+bag").mkdir(parents=True)
    return tmp_path


def names(store: Store) -> list[str]:
    return [f"{folder.path.parent.name}/{folder.path.name}" for folder in store.folders()]


@pytest.mark.parametrize("now", ["old", "new"])
def test_runs_of_a_pack_count_as_it_is_now(filled: Path, now: str) -> None:
    store = Store(filled, SUITE, (("bag", now), ("other", "x")))
    assert names(store) == [f"{SUITE}/own", f"{SUITE}+bag.{now}/b+bag"]
    assert store.folder("b+bag").path == filled / "runs" / f"{SUITE}+bag.{now}" / "b+bag"
    assert store.folder("own").path == filled / "runs" / SUITE / "own"
    assert store.counts(f"{SUITE}+bag.{now}")
    assert not store.counts(f"{SUITE}+bag.else")
    assert not store.counts("fedcba987654+bag.new")


def test_of_a_changed_pack_nothing_counts_yet(filled: Path) -> None:
    store = Store(filled, SUITE, (("bag", "third"),))
    assert names(store) == [f"{SUITE}/own"]
    assert store.folder("b+bag").path == filled / "runs" / f"{SUITE}+bag.third" / "b+bag"


def test_of_a_pack_that_is_not_here_the_newest_counts(filled: Path) -> None:
    store = Store(filled, SUITE)
    assert names(store) == [f"{SUITE}/own", f"{SUITE}+bag.new/b+bag"]
    assert store.folder("b+bag").path == filled / "runs" / f"{SUITE}+bag.new" / "b+bag"


def test_a_store_of_one_version_with_packs_is_that_alone(filled: Path) -> None:
    store = Store(filled, f"{SUITE}+bag.old", (("bag", "new"),))
    assert names(store) == [f"{SUITE}+bag.old/b+bag"]
    assert store.folder("b+bag").path == filled / "runs" / f"{SUITE}+bag.old" / "b+bag"


def test_what_is_loaded_is_known_by_name_and_content(bag: Path) -> None:
    ((name, version),) = loaded()
    assert (name, len(version)) == ("bag", 12)


def test_load_takes_a_pack_as_it_is_or_the_version_asked_for(bag: Path, tmp_path: Path) -> None:
    now = code_of([run_of_bag()])
    old = Code(f"{fingerprint()}+bag.{'0' * 12}", "commit")
    for code, ended in ((now, "2020-01-01T00:00:00+00:00"), (old, "2021-01-01T00:00:00+00:00")):
        done = msgspec.structs.replace(record(run_of_bag(), ended=ended), code=code)
        Store(tmp_path, code.fingerprint).folder(done.run.id).finish(done)
    assert set(suite.load(tmp_path).runs["fingerprint"]) == {now.fingerprint}
    assert set(suite.load(tmp_path, code=old.fingerprint).runs["fingerprint"]) == {old.fingerprint}
    (tmp_path / "runs" / fingerprint()).mkdir()
    assert set(suite.load(tmp_path).runs["fingerprint"]) == {now.fingerprint}
