"""How much of what moved is noise that ``determinism`` has measured."""

import math
from pathlib import Path

from suite.compare.noise import Floors, floors_of
from suite.compare.side import Side
from suite.revisions.noise import Difference, Noise, Repeated, keep
from suite.store.record import Measured, Record
from tests.compare.versions import spread, study, version
from tests.launch.records import ENVIRONMENT, record
from tests.training.settings import run

OLD, NEW, PACKED = "a" * 12, "b" * 12, f"{'c' * 12}+pack-1"
EXPERIMENT = run().experiment


def measured(**metrics: float) -> Record:
    """A record with these numbers."""
    return record(metrics={name: Measured(value, "") for name, value in metrics.items()})


def noted(root: Path, code: str, **metrics: float) -> None:
    """What repeating a run has found of a version."""
    ways = {"again": Difference(identical=False, metrics=dict(metrics))}
    repeated = Repeated(run="a run", experiment="p/test", ways=ways)
    keep(root, Noise(fingerprint=code, environment=ENVIRONMENT, made="2026-01-01", runs=[repeated]))


def sides() -> list[Side]:
    """Results of three versions, one of them with a pack."""
    return [Side(name, name, version(study(), spread(3), name=name)) for name in (OLD, NEW, PACKED)]


def test_a_floor_that_is_unknown_or_without_bound_is_zero() -> None:
    floors = Floors({"p/test": {"loss": 0.25, "w1": math.inf}})
    assert floors.of("p/test", "loss") == 0.25
    assert floors.of("p/test", "w1") == floors.of("p/test", "other") == floors.of("p/other", "loss") == 0.0


def test_a_run_is_within_noise_where_each_metric_moved_by_no_more_than_its_floor() -> None:
    """From 1 to 2 is half of the larger one."""
    floors = Floors({EXPERIMENT: {"loss": 0.5, "w1": 0.1}})
    before = measured(loss=1.0, w1=10.0, still=7.0)
    assert floors.hold(before, measured(loss=2.0, w1=9.5, still=7.0))
    assert not floors.hold(before, measured(loss=2.1, w1=9.5, still=7.0))
    assert not floors.hold(before, measured(loss=2.0, w1=8.5, still=7.0))
    assert not floors.hold(before, measured(loss=2.0, w1=9.5, still=7.1))


def test_metrics_of_one_side_alone_say_nothing_of_noise() -> None:
    floors = Floors({EXPERIMENT: {"loss": 0.5}})
    assert floors.hold(measured(loss=1.0, gone=1.0), measured(loss=1.5, came=1.0))


def test_nothing_is_noise_where_none_is_known() -> None:
    assert not Floors().hold(measured(loss=1.0), measured(loss=1.0))


def test_of_two_versions_the_larger_floor_counts(tmp_path: Path) -> None:
    noted(tmp_path, OLD, loss=0.2, w1=0.1)
    noted(tmp_path, NEW, loss=0.1, w1=0.3, fid=0.4)
    found = floors_of(tmp_path, sides())
    assert found.known == {"p/test": {"loss": 0.2, "w1": 0.3, "fid": 0.4}}


def test_nothing_is_known_of_a_version_that_was_never_repeated_nor_with_packs(tmp_path: Path) -> None:
    assert floors_of(tmp_path, sides()).known == {}
