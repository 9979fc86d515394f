"""One job on images, in this process: sheets, and the instruments that measured."""

import io
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from suite.launch import heartbeat, perform
from suite.launch.job import Job
from suite.metrics.classifier import classifier
from suite.spec import schema
from suite.spec.runs import Run
from suite.store.arrays import read_arrays
from suite.store.record import Record
from suite.store.series import series_of
from suite.store.store import Store
from suite.training import findings
from tests.launch.records import CODE
from tests.training.settings import image_run

SHEET = schema.Sheet(points=2, samples=8)
PROBES = schema.Probes(sheet=SHEET, image_quality=schema.ImageQuality(points=1, samples=20))
METRICS = {"frechet": schema.Metric(series="image_quality.frechet")}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path, CODE.fingerprint)


def train(store: Store, *runs: Run, stopping: Callable[[], bool] = lambda: False) -> list[Record]:
    """The records of a job."""
    work = Job(runs=runs, metrics=METRICS, criteria={}, code=CODE, store=str(store.root))
    with suppress(heartbeat.Stopped):
        perform.perform(work, lambda share, note: None, stopping)
    return [record for run in runs if (record := store.folder(run.id).record()) is not None]


def names(store: Store, run: Run) -> set[str]:
    return {path.name for path in store.folder(run.id).path.iterdir()}


def test_a_run_leaves_a_film_and_its_grey_levels(store: Store) -> None:
    runs = image_run(10, probes=PROBES), image_run(11, probes=PROBES)
    for run, record in zip(runs, train(store, *runs), strict=True):
        assert record.outcome.state == "finished"
        assert names(store, run) == {"record.json", "series.parquet", "arrays.npz", "sheet.png"}
        arrays = read_arrays(store.folder(run.id).path / "arrays.npz")
        assert arrays is not None
        frames = arrays["sheet.images"]
        assert frames.dtype == np.uint8
        assert frames.shape == (3, 8, 256)
        assert arrays["sheet.images:iterations"].tolist() == [0, 2, 3]
        film = Image.open(io.BytesIO((store.folder(run.id).path / "sheet.png").read_bytes()))
        picture = np.asarray(film)
        assert picture.shape == (3 * (2 * 17 + 1), 4 * 17 + 1)
        np.testing.assert_array_equal(picture[1:17, 1:17], frames[0, 0].reshape(16, 16))
        series = series_of(store, run.id)
        assert "sheet.images" not in series
        assert record.metrics["frechet"].number() == series["image_quality.frechet"].values[-1]


def test_a_record_names_what_it_was_measured_with(store: Store) -> None:
    judged, seen = image_run(probes=PROBES), image_run(probes=schema.Probes(sheet=SHEET))
    assert train(store, judged)[0].instruments == {"classifier": classifier(schema.Digits()).digest}
    assert train(store, seen)[0].instruments == {}


def test_inception_weights_are_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("suite.metrics.inception.weights_digest", lambda: "abc")
    setting = image_run(probes=schema.Probes(inception=schema.Inception())).setting
    assert findings.instruments(setting) == {"inception": "abc"}


@pytest.mark.parametrize("points", [0, 2])
def test_a_run_that_diverges_at_once_is_no_failure(store: Store, points: int) -> None:
    """With no points but the end's there is nothing to make a film of."""
    probes = schema.Probes(sheet=schema.Sheet(points=points, samples=2))
    wild = schema.Adam(lr=1e30)
    run = image_run(probes=probes, optimizer=wild, constraint=schema.Unconstrained(), iterations=5)
    (record,) = train(store, run)
    assert record.outcome.state == "diverged", record.outcome
    assert record.metrics["frechet"].value is None
    assert ("sheet.png" in names(store, run)) == (points > 0)
    arrays = read_arrays(store.folder(run.id).path / "arrays.npz")
    assert arrays is not None
    assert arrays["sheet.images"].dtype == np.uint8
    assert len(arrays["sheet.images"]) == (1 if points else 0)


def test_a_stopped_job_goes_on_where_it_was(store: Store, tmp_path: Path) -> None:
    runs = [image_run(seed, iterations=15, freeze_at=12, probes=PROBES) for seed in (10, 11)]
    assert train(store, *runs, stopping=lambda: True) == []
    resumed = [record for run in runs for record in train(store, run)]
    whole = train(Store(tmp_path / "undisturbed", CODE.fingerprint), *runs)
    assert [record.digest for record in resumed] == [record.digest for record in whole]
    assert resumed[0].digest != resumed[1].digest
