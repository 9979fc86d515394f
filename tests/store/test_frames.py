"""Records as pandas frames, and ``suite.load``."""

import math
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

import suite
from suite.errors import UserError
from suite.series import Series
from suite.spec.runs import Run
from suite.store import series as series_file
from suite.store.files import write
from suite.store.frames import frames
from suite.store.record import Code, Measured
from suite.store.series import series_of
from suite.store.store import Store
from suite.store.version import fingerprint
from tests.launch.records import record
from tests.training.settings import run

LOSSES = {
    "losses.critic": Series(np.array([1, 2]), np.array([0.5, math.inf])),
    "gradient_norms.slope": Series(np.array([0]), np.array([-1.0])),
}


def levelled(seed: int) -> Run:
    plain = run(seed)
    return Run(
        experiment=plain.experiment,
        scale="desk",
        arm="a",
        levels={"theta": 0.5},
        seed=seed,
        setting=plain.setting,
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A finished run with series, a diverged one, and one that failed before it had any."""
    store = Store(tmp_path, "fingerprint0")
    first = levelled(10)
    write(store.folder(first.id).path / "series.parquet", series_file.encode(LOSSES))
    metrics = {"loss": Measured(0.25, "p"), "norm": Measured("inf", "p")}
    store.folder(first.id).finish(record(first, metrics=metrics))
    store.folder(levelled(11).id).finish(record(levelled(11), "diverged", {"loss": Measured(None, "p")}))
    store.folder(levelled(12).id).finish(record(levelled(12), "failed", reason="out of memory"))
    return store


def test_runs_are_rows_with_their_levels(store: Store) -> None:
    runs = frames(store).runs.set_index("seed")
    assert list(runs["state"]) == ["finished", "diverged", "failed"]
    assert set(runs["factor.theta"]) == {0.5}
    assert runs.loc[11, "diverged_at"] == 3
    assert runs.loc[10, "run"] == levelled(10).id


def test_metrics_are_rows_of_one_number(store: Store) -> None:
    metrics = frames(store).metrics
    assert list(metrics["metric"]) == ["loss", "norm", "loss"]
    np.testing.assert_array_equal(metrics["value"], [0.25, math.inf, math.nan])


def test_series_are_rows_of_one_point(store: Store) -> None:
    series = frames(store).series
    assert list(series.columns) == ["run", "quantity", "iteration", "value"]
    assert list(series.index) == [0, 1, 2]
    assert list(series["quantity"]) == ["gradient_norms.slope", "losses.critic", "losses.critic"]
    assert list(series["value"]) == [-1.0, 0.5, math.inf]
    assert set(series["run"]) == {levelled(10).id}


def test_an_empty_store_gives_empty_frames(tmp_path: Path) -> None:
    runs, metrics, series = frames(Store(tmp_path, "none"))
    assert (len(runs), len(metrics), len(series)) == (0, 0, 0)
    assert "value" in metrics.columns
    assert "value" in series.columns


def test_series_come_back(store: Store) -> None:
    found = series_of(store, levelled(10).id)
    assert found.keys() == LOSSES.keys()
    for name, series in LOSSES.items():
        np.testing.assert_array_equal(found[name].iterations, series.iterations)
        np.testing.assert_array_equal(found[name].values, series.values)


def test_damaged_series_are_missing(store: Store) -> None:
    path = store.folder(levelled(10).id).path / "series.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    assert series_of(store, levelled(10).id) == {}
    assert series_of(store, levelled(12).id) == {}
    assert len(frames(store).series) == 0


def test_equal_series_are_equal_bytes() -> None:
    assert series_file.encode(LOSSES) == series_file.encode(dict(reversed(LOSSES.items())))
    assert series_file.encode({}) == series_file.encode({})


def test_load_takes_the_newest_code_or_the_one_asked_for(store: Store) -> None:
    late = record(run(13), ended="2021-01-01T00:00:00+00:00")
    late = msgspec.structs.replace(late, code=Code("another0code", "commit"))
    Store(store.root, "another0code").folder(run(13).id).finish(late)
    assert list(suite.load(store.root).runs["seed"]) == [13]
    assert list(suite.load(str(store.root), code="fingerprint0").runs["seed"]) == [10, 11, 12]


def test_load_warns_of_records_that_it_leaves_out(store: Store) -> None:
    path = store.folder(levelled(12).id).record_path
    path.write_text(path.read_text().replace("out of memory", "out of luck"))
    with pytest.warns(UserWarning, match="records are left out:\nedited  test") as told:
        assert list(suite.load(store.root).runs["seed"]) == [10, 11]
    assert told[0].filename == __file__


def test_load_takes_the_code_as_it_is_before_what_is_newer(store: Store) -> None:
    late = record(run(13), ended="2021-01-01T00:00:00+00:00")
    for version, ended in ((fingerprint(), "2020-01-01"), ("another0code", "2021-01-01")):
        of = msgspec.structs.replace(late, code=Code(version, "commit"), ended=f"{ended}T00:00:00+00:00")
        Store(store.root, version).folder(run(13).id).finish(of)
    assert set(suite.load(store.root).runs["fingerprint"]) == {fingerprint()}


def test_load_tells_which_codes_there_are(store: Store) -> None:
    with pytest.raises(UserError, match="no results of code 'other'\n    fingerprints: fingerprint0"):
        suite.load(store.root, code="other")


def test_load_of_nothing_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such folder of results"):
        suite.load(tmp_path / "missing")
    with pytest.raises(UserError, match="no results in there"):
        suite.load(tmp_path)


def test_importing_the_suite_is_light() -> None:
    script = "import sys, suite; print(*sys.modules)"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(answer.stdout.split())
    assert "suite" in loaded
    assert not loaded & {"numpy", "pandas", "torch", "pyarrow", "matplotlib"}
