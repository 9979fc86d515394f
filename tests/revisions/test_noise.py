"""The file of noise floors, and what ``compare`` reads from it."""

import math
from pathlib import Path

import pytest
from msgspec.structs import replace

from suite.revisions.noise import Difference, Noise, Repeated, floors, keep, noise_of, path_of
from suite.store.record import Environment

HERE = Environment(
    python="3.12.0",
    platform="Linux",
    processor="one",
    cores=2,
    device="cpu",
    threads=1,
    deterministic=True,
    packages={"torch": "2.15.0"},
)
CODE = "0123456789ab"


def run(name: str, experiment: str = "small/pair", **metrics: float | None) -> Repeated:
    same = Difference(identical=True, metrics=dict.fromkeys(metrics, 0.0))
    apart = Difference(identical=False, metrics=metrics, series={"losses.critic": 0.1}, apart_at=5)
    return Repeated(run=name, experiment=experiment, ways={"again": same, "alone": apart})


def noise(*runs: Repeated, environment: Environment = HERE) -> Noise:
    return Noise(fingerprint=CODE, environment=environment, made="2026-01-01T00:00:00+00:00", runs=[*runs])


def test_the_floor_of_a_metric_is_the_largest_over_runs_and_ways(tmp_path: Path) -> None:
    keep(tmp_path, noise(run("a", loss=0.1, w1=0.0), run("b", loss=0.3), run("c", "small/other", loss=None)))
    assert floors(tmp_path, CODE) == {
        "small/pair": {"loss": 0.3, "w1": 0.0},
        "small/other": {"loss": math.inf},
    }


def test_what_is_kept_is_read_back(tmp_path: Path) -> None:
    whole = noise(run("a", loss=None))
    assert keep(tmp_path, whole) == tmp_path / "determinism" / f"{CODE}.json"
    assert noise_of(tmp_path, CODE) == whole


def test_runs_of_the_same_machine_are_kept_and_those_repeated_replaced(tmp_path: Path) -> None:
    keep(tmp_path, noise(run("a", loss=0.1), run("b", loss=0.2)))
    keep(tmp_path, noise(run("b", loss=0.3)))
    found = noise_of(tmp_path, CODE)
    assert found is not None
    assert found.runs == [run("a", loss=0.1), run("b", loss=0.3)]


@pytest.mark.parametrize("change", [{"device": "NVIDIA"}, {"processor": "two"}, {"packages": {"torch": "3"}}])
def test_runs_of_another_machine_are_not(tmp_path: Path, change: dict[str, object]) -> None:
    keep(tmp_path, noise(run("a", loss=0.1)))
    keep(tmp_path, noise(run("b", loss=0.3), environment=replace(HERE, **change)))
    assert floors(tmp_path, CODE) == {"small/pair": {"loss": 0.3}}


def test_where_nothing_is_known_there_are_no_floors(tmp_path: Path) -> None:
    assert floors(tmp_path, CODE) == {}
    assert noise_of(tmp_path, CODE) is None


@pytest.mark.parametrize("damage", ["", "{}", '{"format": 2}', "\xff", "cut", "renamed"])
def test_a_file_that_is_none_tells_nothing(tmp_path: Path, damage: str) -> None:
    path = keep(tmp_path, noise(run("a", loss=0.1)))
    text = path.read_text()
    if damage == "renamed":
        path.rename(path_of(tmp_path, "ffffffffffff"))
        assert floors(tmp_path, "ffffffffffff") == {}
        return
    path.write_text(text[:-20] if damage == "cut" else damage, encoding="latin-1")
    assert floors(tmp_path, CODE) == {}


@pytest.mark.parametrize("name", ["", "../../x", "a/b", "a.b"])
def test_a_name_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a fingerprint"):
        path_of(tmp_path, name)
