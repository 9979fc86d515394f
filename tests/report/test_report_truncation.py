"""The figure of truncation: a line for each meaning, the paper's thresholds written beside its own."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure as Drawing

from suite.metrics.truncation import MEANINGS, READ, THRESHOLDS
from suite.report.evidence import Evidence, gather
from suite.report.figures.draw import draw
from suite.report.figures.style import styled
from suite.series import Series
from suite.spec import schema
from suite.spec.runs import Run
from suite.store.store import Store
from suite.study import Study
from tests.report.conftest import GP, Readings, fill, setting, study_of


def study() -> Study:
    return study_of(
        GP,
        schema.Experiment(
            id="wgan-gp/truncated",
            title="Truncated",
            paper="gulrajani2017",
            arms={"a": setting(data=schema.Digits()), "b": setting(batch_size=32)},
            metrics={},
            claims={},
            figures={"curve": schema.Figure(kind="truncation", title="Truncation")},
        ),
    )


def readings(run: Run, _: np.random.Generator) -> Readings:
    """Numbers that tell of seed, meaning, threshold and reading; twice the steps at the last point."""
    shape = 2, len(MEANINGS), len(THRESHOLDS), len(READ)
    values = (
        run.seed
        + np.arange(np.prod(shape[1:])).reshape(shape[1:]) * np.array([1.0, 2.0])[:, None, None, None]
    )
    return {"truncation.curves": Series(np.array([0, 1000]), values)}


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    made, store = study(), Store(tmp_path_factory.mktemp("results"), "f" * 12)
    fill(store, made, 3, readings, made.criteria)
    return gather([made], store)[0]


def drawn(evidence: Evidence) -> Drawing:
    with styled():
        return draw(evidence, evidence.study.experiment.figures["curve"])


def expected(name: str) -> np.ndarray:
    """Medians over seeds 10 to 12 of a reading at the last point, [meanings, thresholds]."""
    count = len(MEANINGS) * len(THRESHOLDS) * len(READ)
    return 11 + 2 * np.arange(count).reshape(len(MEANINGS), len(THRESHOLDS), -1)[..., READ.index(name)]


def test_thick_lines_are_medians_of_the_last_point_and_thin_ones_the_papers_seeds(evidence: Evidence) -> None:
    left, right = drawn(evidence).axes
    thick = [line for line in left.lines if line.get_linewidth() > 1]
    thin = [line for line in left.lines if line.get_linewidth() < 1]
    assert (len(thick), len(thin)) == (len(MEANINGS), 3)
    for line, values in zip(thick, expected("diversity"), strict=True):
        assert np.asarray(line.get_xdata()).tolist() == list(THRESHOLDS)
        assert np.asarray(line.get_ydata()).tolist() == values.tolist()
    first = next(line for line in right.lines if line.get_linewidth() > 1)
    assert np.asarray(first.get_xdata()).tolist() == expected("frechet")[0].tolist()
    assert np.asarray(first.get_ydata()).tolist() == expected("score")[0].tolist()


def test_thresholds_stand_beside_the_papers_curve(evidence: Evidence) -> None:
    _, right = drawn(evidence).axes
    assert [text.get_text() for text in right.texts] == ["2", "1", "0.5", "0.25", "0.04"]
    assert right.texts[2].xy == (expected("frechet")[0, 3], expected("score")[0, 3])


def test_without_runs_both_panels_say_so(tmp_path: Path) -> None:
    (empty,) = gather([study()], Store(tmp_path, "f" * 12))
    assert [axes.texts[0].get_text() for axes in drawn(empty).axes] == ["no runs", "no runs"]
