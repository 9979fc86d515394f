"""Every kind of figure: what is drawn, and what is said where there is nothing to draw."""

from typing import Literal

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from suite.report.evidence import Evidence
from suite.report.figures.axes import set_scale
from suite.report.figures.curves import MOST_MARKED, MOST_TOGETHER, averaged
from suite.report.figures.draw import KINDS, draw
from suite.report.figures.groups import groups, label
from suite.report.figures.histograms import density
from suite.report.figures.over import gapped, jump_of
from suite.report.figures.profiles import scaled
from suite.report.figures.seeds import margins
from suite.report.figures.style import looks, single, styled
from suite.series import Series
from suite.spec.runs import Condition
from suite.spec.schema import Figure
from suite.store.record import Record


def drawn(evidence: Evidence, name: str) -> Drawing:
    with styled():
        return draw(evidence, evidence.study.experiment.figures[name])


def texts(drawing: Drawing) -> list[str]:
    found = [text.get_text() for axes in drawing.axes for text in axes.texts]
    for legend in drawing.legends:
        found += [legend.get_title().get_text(), *(text.get_text() for text in legend.get_texts())]
    return found


def line_of(axes: Axes, count: int, width: float) -> list[np.ndarray]:
    lines = [line for line in axes.lines if line.get_linewidth() == width]
    return [np.asarray(line.get_ydata()) for line in lines if len(line.get_xdata()) == count]


def test_layers_show_the_median_from_the_output_at_the_left(evidence: list[Evidence]) -> None:
    drawing = drawn(evidence[0], "norms")
    (axes,) = drawing.axes
    assert axes.get_xlim()[0] > axes.get_xlim()[1]
    assert (axes.get_xlabel(), axes.get_ylabel()) == (
        "Critic layer (output → input)",
        "Gradient norm (log₁₀)",
    )
    grows, shrinks, flat = line_of(axes, 11, 1.4)
    assert [line.get_color() for line in axes.lines if line.get_linestyle() == "--"] == ["black"] * 3
    assert grows[0] - grows[-1] == pytest.approx(2.0, abs=0.1)
    assert shrinks[0] - shrinks[-1] == pytest.approx(-12.0, abs=0.1)
    assert flat[0] - flat[-1] == pytest.approx(0.4, abs=0.1)
    assert texts(drawing) == [
        "Median and each of 6 seeds", "clip 0.1", "clip 0.01", "penalty", "before training",
    ]  # fmt: skip


def test_histograms_have_a_panel_an_arm(evidence: list[Evidence]) -> None:
    drawing = drawn(evidence[0], "weights")
    assert [axes.get_title() for axes in drawing.axes] == ["clip 0.1", "clip 0.01", "penalty"]
    assert drawing.axes[1].get_xlim()[1] == pytest.approx(0.01, rel=0.2)


def test_a_density_keeps_its_area_on_wider_bins() -> None:
    assert density(np.array([1.0, 3.0]), 1.0, np.array([-1.0, 0.0, 1.0])).tolist() == [0.25, 0.75]
    wider = density(np.array([1.0, 3.0]), 1.0, np.array([-2.0, 0.0, 2.0]))
    assert wider.tolist() == [0.125, 0.375]


def test_seeds_are_dots_beside_the_margins_of_their_claims(evidence: list[Evidence]) -> None:
    (axes,) = drawn(evidence[0], "slopes").axes
    dots = [np.asarray(c.get_offsets())[:, 0].tolist() for c in axes.collections]
    assert [len(row) for row in dots] == [6, 6, 6]
    assert sorted(dots[0]) == pytest.approx([0.18, 0.18, 0.19, 0.2, 0.21, 0.22])
    figure = evidence[0].study.experiment.figures["slopes"]
    bounds = [margins(evidence[0], figure, group) for group in groups(evidence[0], figure)]
    assert bounds == [{0.15}, set(), {-0.1, 0.1, 0.2, 0.04, 0.0}]


def test_seeds_at_infinity_are_told_and_count_for_the_median_of_their_arm(
    evidence: list[Evidence], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"clip 0.1": [3.0, 4.0, 5.0, np.inf], "clip 0.01": [3.0, 4.0, np.inf, np.inf]}
    monkeypatch.setattr(Evidence, "numbers", lambda _, c, metric: np.array(told.get(c.arm, [np.inf] * 2)))
    drawing = drawn(evidence[0], "slopes")
    (axes,) = drawing.axes
    assert [text.get_text() for text in axes.texts if text.get_text()] == [
        "1 of 4 at infinity", "2 of 4 at infinity", "2 of 2 at infinity",
    ]  # fmt: skip
    ticks = [line for line in axes.lines if line.get_color() == "black"]
    assert [list(line.get_xdata()) for line in ticks] == [[4.5, 4.5]]
    assert [len(np.asarray(c.get_offsets())) for c in axes.collections] == [3, 2, 0]


def test_an_arm_whose_seeds_all_are_at_infinity_is_not_called_unrecorded(
    evidence: list[Evidence], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Evidence, "numbers", lambda *_: np.full(6, np.inf))
    drawing = drawn(evidence[0], "slopes")
    told = [text.get_text() for text in drawing.axes[0].texts]
    assert told == ["6 of 6 at infinity"] * 3


def test_curves_show_median_and_range(evidence: list[Evidence]) -> None:
    drawing = drawn(evidence[0], "losses")
    assert texts(drawing)[0] == "Median and range of 6 seeds, each thin, means of 10 points"
    assert len(line_of(drawing.axes[0], 100, 1.3)) == 3


@pytest.mark.parametrize(("points", "marks"), [(MOST_MARKED, 3), (MOST_MARKED + 1, 0)])
def test_few_points_of_a_curve_are_marked(
    evidence: list[Evidence], monkeypatch: pytest.MonkeyPatch, points: int, marks: int
) -> None:
    series = Series(np.arange(points), np.ones(points))
    monkeypatch.setattr(Evidence, "series", lambda *_: {"losses.critic": series})
    with styled():
        drawing = draw(evidence[0], Figure(kind="curves", title="", y="losses.critic"))
    medians = [line for line in drawing.axes[0].lines if line.get_linewidth() == 1.3]
    assert len(medians) == 3
    assert sum(line.get_marker() not in ("", "None") for line in medians) == marks
    named = [line for line in drawing.legends[0].legend_handles if isinstance(line, Line2D)]
    assert sum(line.get_marker() not in ("", "None") for line in named) == marks


def test_windows_are_averaged() -> None:
    series = averaged(Series(np.arange(5), np.array([1.0, 3.0, 5.0, 7.0, 100.0])), 2)
    assert (series.iterations.tolist(), series.values.tolist()) == ([1, 3], [2.0, 6.0])


def test_a_series_shorter_than_the_window_is_averaged_to_one_point() -> None:
    series = averaged(Series(np.arange(3), np.array([1.0, 3.0, 5.0])), 10)
    assert (series.iterations.tolist(), series.values.tolist()) == ([2], [3.0])
    assert averaged(Series(np.arange(0), np.zeros(0)), 10).values.tolist() == []


@pytest.mark.parametrize("against", ["iteration", "seconds"])
def test_few_points_beside_many_are_not_averaged_away(
    evidence: list[Evidence], monkeypatch: pytest.MonkeyPatch, against: Literal["iteration", "seconds"]
) -> None:
    points = {"clip 0.1": 1000, "clip 0.01": 6, "penalty": 1}

    def series(_: Evidence, record: Record) -> dict[str, Series]:
        count = points[record.run.arm]
        return {"losses.critic": Series(np.arange(count), np.ones(count))}

    monkeypatch.setattr(Evidence, "series", series)
    with styled():
        drawing = draw(evidence[0], Figure(kind="curves", title="", y="losses.critic", against=against))
    medians = [line for line in drawing.axes[0].lines if line.get_linewidth() == 1.3]
    thin = [len(line.get_xdata()) for line in drawing.axes[0].lines if line.get_linewidth() == 0.4]
    assert thin == [100] * 6 + [6] * 6 + [1] * 6
    if against == "iteration":
        assert [len(line.get_xdata()) for line in medians] == [100, 6, 1]
        assert [line.get_marker() in ("", "None") for line in medians] == [True, True, False]
    assert texts(drawing)[0].endswith("means of up to 10 points")


def test_a_run_that_diverged_early_ends_in_a_cross_beside_long_ones(
    evidence: list[Evidence], monkeypatch: pytest.MonkeyPatch
) -> None:
    def series(_: Evidence, record: Record) -> dict[str, Series]:
        count = 5 if record.outcome.state == "diverged" else 1000
        return {"losses.critic": Series(np.arange(count), np.ones(count))}

    monkeypatch.setattr(Evidence, "series", series)
    with styled():
        drawing = draw(evidence[2], Figure(kind="curves", title="", y="losses.critic"))
    crosses = [len(line.get_xdata()) for line in drawing.axes[0].lines if line.get_marker() == "x"]
    assert crosses == [1]
    assert "diverged run" in texts(drawing)


def test_contours_have_arms_as_rows_and_levels_as_columns(evidence: list[Evidence]) -> None:
    drawing = drawn(evidence[1], "surfaces")
    assert [axes.get_title() for axes in drawing.axes] == ["eight gaussians", "swiss roll", "", ""]
    assert [axes.get_ylabel() for axes in drawing.axes] == ["clip 0.01\nx₂", "", "penalty\nx₂", ""]
    assert all(axes.get_aspect() == 1.0 and axes.get_xlim() == (-2.0, 2.0) for axes in drawing.axes)
    (told,) = texts(drawing)
    assert (
        told.replace("\n", " ")
        == "Critic contours (seed 10; dark low, light high, each panel by itself); orange: real data"
    )


def test_contours_without_a_factor_stand_in_a_row(evidence: list[Evidence]) -> None:
    assert [axes.get_title() for axes in drawn(evidence[1], "one_row").axes] == ["clip 0.01", "penalty"]


def test_samples_count_what_lies_outside(evidence: list[Evidence]) -> None:
    drawing = drawn(evidence[1], "samples")
    record = evidence[1].of(evidence[1].study.conditions[0])[0]
    points = evidence[1].array(record, "quality.samples")
    assert points is not None
    outside = int((np.abs(points[-1]) > 2).any(axis=1).sum())
    assert texts(drawing)[0] == f"{outside} of 200 outside"


def test_profiles_are_probabilities_or_scaled(evidence: list[Evidence]) -> None:
    drawing = drawn(evidence[2], "profiles")
    assert texts(drawing) == [
        "Median and each of 8 seeds", "discriminator", "critic (1 of 8 diverged)",
        "real density", "fake density",
    ]  # fmt: skip
    assert scaled(np.array([0.0, 100.0]), "minimax").tolist() == [0.5, 1.0]
    assert scaled(np.array([-3.0, 0.0, 3.0]), "wasserstein").tolist() == [0.0, 0.5, 1.0]
    assert scaled(np.array([2.0, 2.0]), "wasserstein").tolist() == [0.5, 0.5]


def test_a_metric_over_a_factor_marks_diverged_runs(evidence: list[Evidence]) -> None:
    drawing = drawn(evidence[3], "against_theta")
    (axes,) = drawing.axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("distance θ", "Estimate (nats), symlog")
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["0.25", "0.5", "1", "2"]
    crosses = [line for line in axes.lines if line.get_marker() == "x" and len(line.get_xdata())]
    (place,) = [np.asarray(line.get_xdata()).tolist() for line in crosses]
    assert place == [pytest.approx(2.0, rel=0.02)]
    assert texts(drawing)[1:] == ["critic", "discriminator (1 of 24 diverged)", "log 2", "diverged run"]


def test_a_finished_run_without_a_value_is_not_called_diverged(
    evidence: list[Evidence], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two values of the critic at theta = 1 cannot be told; a run of the discriminator's at 2 diverged."""
    numbers = Evidence.numbers

    def some(self: Evidence, condition: Condition, name: str) -> np.ndarray:
        found = numbers(self, condition, name)
        unknown = (condition.arm, condition.levels["theta"]) == ("critic", 1.0)
        return np.where(np.arange(len(found)) < 2, np.nan, found) if unknown else found

    monkeypatch.setattr(Evidence, "numbers", some)
    drawing = drawn(evidence[3], "against_theta")
    crosses = [line for line in drawing.axes[0].lines if line.get_marker() == "x"]
    assert [len(line.get_xdata()) for line in crosses] == [0, 1]
    assert " ".join(texts(drawing)[0].split()) == "Median and each of 6 seeds; 2 of 48 runs have no value"
    assert texts(drawing)[-1] == "diverged run"


def test_lines_are_not_joined_where_a_metric_jumps() -> None:
    figure = Figure(kind="over", title="", y="js", x="theta", jumps={"js": 0.0, "w1": 2.0})
    jump = jump_of(figure, (-1.0, 0.0, 1.0), "js")
    x, y = gapped(np.array([-1.0, 0.0, 1.0]), [5.0, 6.0, 7.0], jump)
    assert np.array_equal(x, [-1.0, np.nan, 0.0, np.nan, 1.0], equal_nan=True)
    assert np.array_equal(y, [5.0, np.nan, 6.0, np.nan, 7.0], equal_nan=True)
    assert jump_of(figure, (-1.0, 0.0, 1.0), "w1") is None
    assert jump_of(figure, (-1.0, 0.0, 1.0), "other") is None
    assert gapped(x, [1.0], None)[1].tolist() == [1.0]


def test_a_metric_that_jumps_has_a_gap_and_marks(evidence: list[Evidence]) -> None:
    figure = Figure(kind="over", title="", x="theta", y="estimate", jumps={"estimate": 1.0})
    with styled():
        (axes,) = draw(evidence[3], figure).axes
    gaps = [int(np.isnan(np.asarray(line.get_xdata(), dtype=float)).sum()) for line in axes.lines]
    assert gaps[0] == 2
    assert sum(gaps) == 4  # Of both arms; what does not jump is joined.


def test_seeds_at_infinity_are_arrows_and_count_for_the_median(
    evidence: list[Evidence], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {0.25: [1.0, 2.0, 3.0], 0.5: [1.0, 2.0, np.inf], 1.0: [1.0, np.inf, np.inf], 2.0: [np.inf] * 3}
    monkeypatch.setattr(Evidence, "numbers", lambda _, c, metric: np.array(told[c.levels["theta"]]))
    monkeypatch.setattr(Evidence, "diverged", lambda *_: ())
    drawing = drawn(evidence[3], "against_theta")
    (axes,) = drawing.axes
    marks = [line for line in axes.lines if line.get_marker() in ("x", "v", "^") and len(line.get_xdata())]
    assert [(line.get_marker(), len(line.get_xdata())) for line in marks] == [("^", n) for n in (1, 2, 3)] * 2
    middles = np.array(axes.lines[0].get_ydata())
    assert middles.tolist() == [2, 2, np.inf, np.inf]
    assert "seed beyond the axis" in texts(drawing)
    assert "diverged run" not in texts(drawing)


def test_names_of_levels_stand_side_by_side(evidence: list[Evidence]) -> None:
    (axes,) = drawn(evidence[1], "r2").axes
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["eight\ngaussians", "swiss roll"]
    places = {round(float(x), 2) for c in axes.collections for x in np.asarray(c.get_offsets())[:, 0]}
    assert places == {-0.06, 0.06, 0.94, 1.06}


def test_what_was_not_recorded_is_said(evidence: list[Evidence]) -> None:
    assert texts(drawn(evidence[3], "missing")) == ["nothing recorded"]


def test_before_any_run_every_figure_says_so(empty_evidence: list[Evidence]) -> None:
    for each in empty_evidence:
        for name in each.study.experiment.figures:
            assert "no runs" in texts(drawn(each, name)), name


def test_every_kind_is_tried(evidence: list[Evidence]) -> None:
    tried = {f.kind for each in evidence for f in each.study.experiment.figures.values()}
    tried |= {"pairs", "best_of", "truncation", "spectra"}  # See test_report_draws, _truncation and _spectra.
    assert tried == set(KINDS) == set(Figure.__annotations__["kind"].__args__) - {"pack"}


def test_a_label_with_dollars_is_no_formula(evidence: list[Evidence], hostile: str) -> None:
    figure = Figure(kind="seeds", title="", y="slope", y_label=hostile, reference={hostile: 0.0})
    with styled():
        drawing = draw(evidence[0], figure)
        drawing.canvas.draw()
    assert r"\$x_1\$" in drawing.axes[0].get_xlabel()


def test_few_decades_get_more_than_one_tick_label() -> None:
    with styled():
        drawing, axes = single()
        axes.plot([0, 1], [0.3, 3.0])
        set_scale(axes, "y", "log", np.array([0.3, 3.0]))
        drawing.canvas.draw()
        low, high = axes.get_ylim()
        shown = [t.get_text() for t in axes.get_yticklabels() if low <= t.get_position()[1] <= high]
    assert shown == ["0.5", "1", "2"]


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([-0.1, 1e-7, 10.0], {0, 10, 0.01, 1e-5, -0.01, -1e-5}),
        ([1.6, 250.0], {0, 10, 100}),
        ([0.0, 1e-3, 0.5], {0, 0.1}),
    ],
)
def test_a_scale_around_zero_has_a_few_ticks_apart_from_it(values: list[float], ticks: set[float]) -> None:
    with styled():
        _, axes = single()
        axes.plot(values)
        set_scale(axes, "y", "symlog", np.array(values))
    np.testing.assert_allclose(sorted(axes.get_yticks()), sorted(ticks))


def test_many_arms_stand_apart_before_the_medians_of_the_others(evidence: list[Evidence]) -> None:
    many = Figure(kind="curves", title="", y="divergences.w_estimate")
    members = groups(evidence[3], many)
    assert len(members) > MOST_TOGETHER
    with styled():
        drawing = draw(evidence[3], many)
    shown = [axes for axes in drawing.axes if axes.axison]
    titles = [axes.get_title().replace("\n", " ") for axes in shown]
    assert titles == [label(evidence[3], group) for group in members]
    for axes in shown:
        behind = [line for line in axes.lines if line.get_color() == "0.75"]
        own = [line for line in axes.lines if line.get_linewidth() == 1.3]
        assert (len(own), len(behind)) == (1, len(shown) - 1)


def test_looks_differ_in_more_than_colour() -> None:
    some = looks(6)
    assert len({to_rgba(look.color) for look in some}) == 6
    assert len({(look.dash, look.marker) for look in some}) == 6


def test_labels_tell_of_missing_runs(empty_evidence: list[Evidence]) -> None:
    figure = Figure(kind="layers", title="")
    first = groups(empty_evidence[0], figure)[0]
    assert label(empty_evidence[0], first) == "clip 0.1 (no runs)"
