"""The figure of singular values: a line for each layer, networks side by side."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure as Drawing

from suite.report.evidence import Evidence, gather
from suite.report.figures.draw import draw
from suite.report.figures.style import styled
from suite.series import Series
from suite.spec import schema
from suite.spec.runs import Run
from suite.store.store import Store
from suite.study import Study
from tests.report.conftest import GP, Readings, fill, setting, study_of

LAYERS = {"generator": 3, "critic": 2}
POINTS = np.array([0, 400, 1000])


def study() -> Study:
    return study_of(
        GP,
        schema.Experiment(
            id="wgan-gp/spectra",
            title="Spectra",
            paper="gulrajani2017",
            arms={"a": setting(data=schema.Digits()), "b": setting(batch_size=32)},
            metrics={},
            claims={},
            figures={"spectra": schema.Figure(kind="spectra", title="Singular values")},
        ),
    )


def readings(run: Run, _: np.random.Generator) -> Readings:
    """The largest of layer l at point p is seed * (l + 1) * (p + 1), the others smaller."""
    made: Readings = {}
    for network, layers in LAYERS.items():
        largest = run.seed * np.outer(np.arange(1.0, 4), np.arange(1, layers + 1))
        made[f"spectrum.{network}"] = Series(POINTS, largest.max(1))
        made[f"spectrum.{network}_layers"] = Series(POINTS, np.stack([largest, largest / 2, largest / 3], -1))
    return made


def drawn(evidence: Evidence) -> Drawing:
    with styled():
        return draw(evidence, evidence.study.experiment.figures["spectra"])


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    made, store = study(), Store(tmp_path_factory.mktemp("results"), "f" * 12)
    fill(store, made, 3, readings, made.criteria)
    return gather([made], store)[0]


def test_each_layers_median_has_a_line(evidence: Evidence) -> None:
    generator, critic = drawn(evidence).axes
    for axes, layers in ((generator, 3), (critic, 2)):
        lines = [line for line in axes.lines if len(np.asarray(line.get_xdata())) == len(POINTS)]
        assert len(lines) == layers
        for layer, line in enumerate(lines, start=1):
            np.testing.assert_array_equal(line.get_xdata(), POINTS)
            # Seeds are 10 to 12.
            np.testing.assert_allclose(line.get_ydata(), 11 * layer * np.arange(1, 4))
    assert generator.get_yscale() == "log"
    assert (generator.get_ylabel(), critic.get_ylabel()) == ("Largest singular value", "")


def test_a_run_without_its_series_is_left_out(tmp_path: Path) -> None:
    """Its file may be damaged while that of its arrays is whole."""
    made, store = study(), Store(tmp_path, "f" * 12)
    fill(store, made, 3, readings, made.criteria)
    for path in sorted(tmp_path.glob("runs/*/*/series.parquet"))[1:]:
        path.write_bytes(b"damaged")
    (whole,) = gather([made], store)
    (seed,) = (record.run.seed for record in whole.records if whole.series(record))
    for axes, layers in zip(drawn(whole).axes, LAYERS.values(), strict=True):
        found = [np.asarray(line.get_ydata(), dtype=float).tolist() for line in axes.lines]
        assert found == [[seed * layer * point for point in (1, 2, 3)] for layer in range(1, layers + 1)]
    for path in tmp_path.glob("runs/*/*/series.parquet"):
        path.unlink()
    assert not any(axes.lines for axes in drawn(gather([made], store)[0]).axes)


def test_before_any_run_it_says_so(tmp_path: Path) -> None:
    made = study()
    (empty,) = gather([made], Store(tmp_path, "f" * 12))
    assert [text.get_text() for axes in drawn(empty).axes for text in axes.texts] == ["no runs"] * 2
