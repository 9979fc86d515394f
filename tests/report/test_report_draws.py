"""Draws of settings in the report: figures, the table of counts, and the settings drawn."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from matplotlib.figure import Figure as Drawing

from suite.judge.assess import assess
from suite.report.evidence import Evidence, gather
from suite.report.figures.best_of import band, curve
from suite.report.figures.draw import draw
from suite.report.figures.style import styled
from suite.report.page import render
from suite.report.regenerate import Again
from suite.report.views import papers
from suite.series import Series
from suite.spec import schema
from suite.spec.runs import Run
from suite.store.series import series_of
from suite.store.store import Store
from suite.study import Study
from tests.report.conftest import GP, Readings, fill, setting, study_of

BETTER = (1, 2, 4, 7, 8, 9, 11, 12)
"""Draws in which arm b is below the cut; a is in the first two of them alone."""


def experiment() -> schema.Experiment:
    """Two arms on twelve draws of a rate, b better by 2 in most of them."""
    claim = {"metric": "w1", "arm": "b", "versus": "a", "over": "search", "looks": (12,)}
    return schema.Experiment(
        id="wgan-gp/draws",
        title="Draws",
        paper="gulrajani2017",
        arms={"a": setting(), "b": setting(batch_size=32)},
        factors={
            "search": schema.Factor(
                draws=schema.Draws(
                    count=12, seed=1, choices={"optimizer.lr": schema.Range(low=1e-4, high=1e-2)}
                )
            )
        },
        metrics={"w1": schema.Metric(series="quality.w1", says="distance")},
        claims={
            "oftener": schema.Claim(
                says="b succeeds where a does not.",
                kind="paired_rate",
                better="higher",
                cut=3.0,
                success="below",
                margin=0.5,
                **claim,
            ),
            "best": schema.Claim(
                says="b's best is better.", kind="best_of", better="lower", tries=3, **claim
            ),
        },
        figures={
            "pairs": schema.Figure(kind="pairs", title="Pairs", y="w1", arms=("a", "b")),
            "best": schema.Figure(kind="best_of", title="Best", y="w1"),
        },
    )


def readings(run: Run, rng: np.random.Generator) -> Readings:
    """5 + draw / 100, less 3 where the arm succeeds."""
    number = int(run.levels["search"])
    succeeds = number in (BETTER if run.arm == "b" else BETTER[:2])
    return {"quality.w1": Series(np.array([1000]), np.array([5 + number / 100 - 3 * succeeds]))}


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    study, store = study_of(GP, experiment()), Store(tmp_path_factory.mktemp("results"), "f" * 12)
    fill(store, study, 1, readings, study.criteria)
    return gather([study], store)[0]


def drawn(evidence: Evidence, name: str) -> Drawing:
    with styled():
        return draw(evidence, evidence.study.experiment.figures[name])


def test_pairs_have_a_dot_a_draw_and_a_line_a_cut(evidence: Evidence) -> None:
    above, below = drawn(evidence, "pairs").axes
    (dots,) = above.collections
    assert len(np.asarray(dots.get_offsets())) == 12
    assert above.get_xlabel().endswith("a")
    (table,) = below.tables
    cells = [table[row, column].get_text().get_text() for row in (0, 1) for column in range(5)]
    assert cells == ["cut", "only a", "only b", "both", "neither", "3", "0", "6", "2", "4"]


def without(evidence: Evidence, arm: str, number: int) -> Evidence:
    """The same where a draw's run is not there, while it has one of the second seed."""
    records = evidence.store.records()
    (gone,) = (r for r in records.values() if (r.run.arm, r.run.levels["search"]) == (arm, number))
    second = msgspec.structs.replace(gone, run=msgspec.structs.replace(gone.run, seed=gone.run.seed + 1))
    kept = {name: record for name, record in records.items() if record is not gone}
    return gather([evidence.study], evidence.store, None, kept | {second.run.id: second})[0]


@pytest.mark.parametrize("arm", ["a", "b"])
def test_a_draw_that_an_arm_lacks_is_left_out_and_the_others_stay_pairs(evidence: Evidence, arm: str) -> None:
    above, below = drawn(without(evidence, arm, 1), "pairs").axes
    whole, _ = drawn(evidence, "pairs").axes
    dots, all_ = (np.asarray(axes.collections[0].get_offsets()).tolist() for axes in (above, whole))
    assert dots == all_[1:]
    (table,) = below.tables
    assert [table[1, column].get_text().get_text() for column in range(5)] == ["3", "0", "6", "1", "4"]


def test_the_first_run_of_a_draw_is_that_of_the_first_seed(evidence: Evidence) -> None:
    firsts = without(evidence, "a", 1).firsts("a", {})
    assert firsts[0] is None
    assert [record.run.levels["search"] for record in firsts[1:] if record] == list(range(2, 13))


def test_the_page_links_to_no_run_of_another_seed(evidence: Evidence) -> None:
    results = assess(evidence.study, evidence.store.records(), lambda _: {})
    rows = papers([without(evidence, "a", 1)], results, {})[0].claims[0].seeds
    assert [len(links) for _, links in rows[0].cells] == [1, 0]
    assert all(len(links) == 1 for row in rows[1:] for _, links in row.cells)


def test_the_best_of_all_draws_is_the_best_draw(evidence: Evidence) -> None:
    (axes,) = drawn(evidence, "best").axes
    first, second = (np.asarray(line.get_ydata(), dtype=float) for line in axes.lines)
    assert (first[-1], second[-1]) == pytest.approx((2.01, 2.01))
    assert second[0] < first[0]
    assert np.all(np.diff(second) <= 0)


def test_the_band_holds_the_curve_of_many_draws() -> None:
    values = np.random.default_rng(0).standard_normal(40)
    low, high = band(values)
    assert np.all(low[:20] < curve(values)[:20])
    assert np.all(curve(values)[:20] < high[:20])


def test_without_runs_both_say_so(tmp_path: Path) -> None:
    study = study_of(GP, experiment())
    (empty,) = gather([study], Store(tmp_path, "f" * 12))
    for name in ("pairs", "best"):
        assert [text.get_text() for text in drawn(empty, name).axes[0].texts] == ["no runs"]


def test_the_page_has_the_table_of_counts_and_the_settings_drawn(evidence: Evidence) -> None:
    study: Study = evidence.study
    records = evidence.store.records()
    results = assess(study, records, lambda run: series_of(evidence.store, run))
    assert [result.judgement.verdict for result in results] == ["reproduced", "reproduced"]
    page = render([evidence], results, {}, Again(""))
    assert "only a: 0, only b: 6, both: 2, neither: 4" in page
    assert "Draws of search" in page
    assert page.count('<th scope="col">Draw</th>') == 2
    assert "McNemar&#39;s exact test" in page
