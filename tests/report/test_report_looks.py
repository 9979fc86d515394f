"""What figures share: how arms look, how many seeds they have, and where axes have their labels."""

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure as Drawing

from suite.report.evidence import Evidence, StoredEvidence
from suite.report.figures.axes import leave_out_the_far, set_scale
from suite.report.figures.draw import draw
from suite.report.figures.grid import Grid
from suite.report.figures.groups import groups, names, note, seeds
from suite.report.figures.over import _places
from suite.report.figures.seeds import margins, rows
from suite.report.figures.style import COLORS, legend_columns, looks, single, styled, wrapped
from suite.spec.schema import Figure

SLOPES = Figure(kind="seeds", title="", y="slope")


@pytest.fixture
def uneven(evidence: list[Evidence]) -> Evidence:
    """Four seeds of the penalty, six of the other arms."""
    records = {
        record.run.id: record
        for record in evidence[0].records
        if record.run.arm != "penalty" or record.run.seed < 14
    }
    return StoredEvidence(evidence[0].study, records, evidence[0].store)


def drawn(evidence: Evidence, figure: Figure) -> Drawing:
    with styled():
        return draw(evidence, figure)


def title_of(drawing: Drawing) -> str:
    (legend,) = drawing.legends
    return str(legend.get_title().get_text())


def labels_between(low: float, high: float, values: Sequence[float]) -> list[str]:
    """What is labelled on a log axis from low to high."""
    with styled():
        drawing, axes = single()
        axes.plot([0, 1], [low, high])
        set_scale(axes, "y", "log", np.array(values))
        drawing.canvas.draw()
        low, high = axes.get_ylim()
        return [t.get_text() for t in axes.get_yticklabels() if low <= t.get_position()[1] <= high]


# --- Arms and their seeds ----------------------------------------------------------------


def test_an_arm_looks_the_same_in_every_figure(evidence: list[Evidence]) -> None:
    every = groups(evidence[0], SLOPES)
    (alone,) = groups(evidence[0], msgspec.structs.replace(SLOPES, arms=("penalty",)))
    assert alone.look == every[2].look != every[0].look


def test_colours_differ_and_none_is_too_light_to_be_seen_on_white() -> None:
    brightness = [np.dot(to_rgba(color)[:3], (0.2126, 0.7152, 0.0722)) for color in COLORS]
    assert len(set(COLORS)) == len(looks(len(COLORS))) == 10
    assert max(brightness) < 0.75


def test_counts_stand_beside_the_arms_where_they_differ(evidence: list[Evidence], uneven: Evidence) -> None:
    even, members = groups(evidence[0], SLOPES), groups(uneven, SLOPES)
    assert (note(evidence[0], even), names(evidence[0], even)) == (
        "6 seeds", ["clip 0.1", "clip 0.01", "penalty"],
    )  # fmt: skip
    assert (note(uneven, members), seeds(uneven, members)) == ("n seeds", "4 to 6 seeds")
    assert names(uneven, members) == ["clip 0.1 (n = 6)", "clip 0.01 (n = 6)", "penalty (n = 4)"]


def test_rows_of_seeds_have_their_counts_at_the_right(evidence: list[Evidence], uneven: Evidence) -> None:
    drawing = drawn(uneven, SLOPES)
    said = [text.get_text() for text in drawing.axes[0].texts if text.get_text()]
    assert (title_of(drawing), said) == ("Each of n seeds", ["6", "6", "4", "n"])
    even = drawn(evidence[0], SLOPES)
    assert title_of(even) == "Each of 6 seeds"
    assert not any(text.get_text() for text in even.axes[0].texts)


def test_seeds_are_drawn_above_their_median(evidence: list[Evidence]) -> None:
    (axes,) = drawn(evidence[0], SLOPES).axes
    middles = [line for line in axes.lines if line.get_color() == "black"]
    assert len(middles) == 3
    assert max(line.get_zorder() for line in middles) < min(dots.get_zorder() for dots in axes.collections)


def test_thin_lines_are_of_all_arms_or_of_none(evidence: list[Evidence]) -> None:
    figure = Figure(kind="curves", title="", y="losses.critic")
    few = drawn(evidence[0], figure)
    assert "each thin" in title_of(few)
    assert sum(line.get_linewidth() == 0.4 for line in few.axes[0].lines) == 18


def test_methods_stand_together_by_architecture(
    monkeypatch: pytest.MonkeyPatch, evidence: list[Evidence]
) -> None:
    first, second, third, *_ = evidence[3].study.conditions
    shape = Grid(("gan", "wgan"), ("dcgan", "mlp"), ((first, second), (None, third)))
    monkeypatch.setattr("suite.report.figures.seeds.crossed", lambda *_: shape)
    found, starts = rows(evidence[3], Figure(kind="seeds", title="", y="estimate"))
    assert [group.conditions[0] for group in found] == [first, second, third]
    assert starts == [1]
    assert found[0].look == found[1].look != found[2].look


def test_a_margin_that_only_a_larger_scale_decides_is_not_drawn(evidence: list[Evidence]) -> None:
    study, experiment = evidence[0].study, evidence[0].study.experiment
    clip, *_ = groups(evidence[0], SLOPES)
    assert margins(evidence[0], SLOPES, clip) == {0.15}
    claims = {n: msgspec.structs.replace(c, decided_from="paper") for n, c in experiment.claims.items()}
    try:
        study.experiment = msgspec.structs.replace(experiment, claims=claims)
        assert margins(evidence[0], SLOPES, clip) == set()
    finally:
        study.experiment = experiment


# --- Texts -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("letters", "columns"),
    [
        ([4, 6, 17], 3),  # 54 letters with their lines
        ([5, 7, 7, 6], 2),  # 61: but for one letter four would fit
        ([20, 20, 20], 2),
        ([40, 5], 1),
        ([5, 5, 5, 5, 5], 3),  # never four and one
        ([], 1),
    ],
)
def test_a_legend_has_as_many_columns_as_fit(letters: list[int], columns: int) -> None:
    assert legend_columns(letters, 60) == columns


def test_lines_of_a_text_are_about_equally_long() -> None:
    text = "Root mean square gradient at fake samples"
    assert wrapped(text, 34) == "Root mean square\ngradient at fake samples"
    assert wrapped("short", 34) == "short"
    assert wrapped("", 34) == ""
    assert (
        wrapped("an_unbreakable_word_of_thirty_letters is wrapped", 20).splitlines()[0]
        == "an_unbreakable_word_"
    )


# --- Scales ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends", "labels"),
    [
        ((21.0, 58.0), ["30", "40", "50"]),
        ((2.2, 19.0), ["3", "5", "7", "10", "15"]),
        ((2.2, 190.0), ["5", "10", "20", "50", "100"]),
        ((2.0, 1500.0), ["3", "10", "30", "100", "300", "1000"]),
    ],
)
def test_a_log_axis_has_several_labels_however_far_it_reaches(
    ends: tuple[float, float], labels: list[str]
) -> None:
    shown = labels_between(*ends, ends)
    assert [label for label in shown if ends[0] <= float(label) <= ends[1]] == labels


def test_a_few_tiny_sizes_do_not_widen_a_symlog_axis() -> None:
    values = np.array([1e-9, *np.geomspace(0.1, 100.0, 30), 0.0])
    with styled():
        _, axes = single()
        set_scale(axes, "y", "symlog", values)
    assert axes.yaxis.get_transform().linthresh == pytest.approx(0.16, rel=0.3)  # type: ignore[attr-defined]


def test_one_seed_far_from_all_others_is_left_out_and_marked(evidence: list[Evidence]) -> None:
    near, middles = np.linspace(-9.0, 0.0, 60), np.array([-8.0, -1.0])
    with styled():
        _, axes = single()
        assert leave_out_the_far(axes, np.append(near, -300.0), middles)
        assert -11 < axes.get_ylim()[0] < -9
        assert not leave_out_the_far(axes, np.append(near, -20.0), middles)
        assert not leave_out_the_far(axes, np.full(9, 2.0), np.array([2.0]))
        assert not leave_out_the_far(axes, np.array([np.nan]), np.array([np.nan]))


def test_dots_of_several_arms_at_a_number_stand_side_by_side() -> None:
    levels = (1.0, 10.0, 100.0)
    first, second = _places(levels, 2, "log")
    assert second / first == pytest.approx(np.full(3, 100**0.012))
    assert np.sqrt(first * second) == pytest.approx(np.array(levels))
    low, middle, high = _places((0.0, 1.0), 3)
    assert middle.tolist() == [0.0, 1.0]
    assert (high - low) == pytest.approx(np.full(2, 0.024))
