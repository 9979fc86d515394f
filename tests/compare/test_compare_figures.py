"""Both sides' figures laid over each other: what is drawn, and of which runs."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure as Drawing
from PIL import Image

from suite.compare.compare import Comparison
from suite.compare.evidence import Both, both
from suite.compare.figures import arrays, curves, over, planes, seeds
from suite.compare.figures.draw import draw
from suite.compare.figures.panels import hands, space_ticks
from suite.report.evidence import Evidence
from suite.report.figures.style import styled
from suite.spec.packs.noted import taken
from suite.spec.schema import Figure
from tests.compare.pages import BY_RATE, FIGURES, ITERATIONS, LINES, compared, shown
from tests.compare.versions import study

OF = study(figures=FIGURES)
BEFORE, AFTER = hands()


def held(found: Comparison) -> Both:
    """Both sides' evidence of a comparison of one study."""
    return both(found, found.claims[0].study, {run.id: run.mark for run in found.runs})


def lines(axes: Axes, hand: object) -> list[np.ndarray]:
    """The heights of the lines in a side's colour."""
    return [np.asarray(line.get_ydata()) for line in axes.lines if line.get_color() == hand.color]  # type: ignore[attr-defined]


def drawing(make: Callable[[Both, Figure], Drawing | None], of: Both, figure: Figure) -> Drawing:
    """A drawing that is there."""
    with styled():
        found = make(of, figure)
    assert found is not None
    return found


def panels(of: Drawing) -> list[Axes]:
    """The panels that are used."""
    return [axes for axes in of.axes if axes.axison]


def test_the_sides_differ_in_colour_dash_and_marker() -> None:
    assert BEFORE.dash != AFTER.dash
    assert BEFORE.marker != AFTER.marker
    assert np.linalg.norm(np.subtract(to_rgb(BEFORE.color), to_rgb(AFTER.color))) > 0.5


def test_curves_are_medians_over_seeds() -> None:
    found = drawing(curves.draw, held(compared(OF, 0.5)), FIGURES["curve"])
    assert [axes.get_title() for axes in panels(found)] == ["a", "b"]
    for axes in panels(found):
        (old,), (new,) = lines(axes, BEFORE), lines(axes, AFTER)
        np.testing.assert_allclose(old, ITERATIONS + 1.25)  # seeds 10 to 15: levels 1 to 1.5
        np.testing.assert_allclose(new, ITERATIONS + 1.75)
    assert found.get_supylabel().startswith("Critic loss")
    assert found.get_supxlabel() == "Iteration"


def test_a_diverged_run_ends_in_a_cross() -> None:
    found = drawing(curves.draw, held(shown()), FIGURES["curve"])
    marks = [[line.get_marker() for line in axes.lines].count("x") for axes in panels(found)]
    assert marks == [0, 1]


def test_arms_that_did_not_change_are_left_out() -> None:
    found = held(compared(OF, 0.5, lambda run: run.arm == "b"))
    assert [axes.get_title() for axes in panels(drawing(curves.draw, found, FIGURES["curve"]))] == ["b"]
    (axes,) = panels(drawing(seeds.draw, found, FIGURES["dots"]))
    assert [label.get_text() for label in axes.get_yticklabels()] == ["b"]


def test_a_side_without_series_lacks_its_curves() -> None:
    found = compared(OF)
    bare = held(found._replace(before=found.before._replace(series_of=None)))
    axes = panels(drawing(curves.draw, bare, FIGURES["curve"]))[0]
    assert (len(lines(axes, BEFORE)), len(lines(axes, AFTER))) == (0, 1)


def test_seeds_are_joined_with_themselves() -> None:
    found = compared(OF, 0.5)
    (axes,) = panels(drawing(seeds.draw, held(found), FIGURES["dots"]))
    joins = [line for line in axes.lines if line.get_linewidth() == 0.5]
    assert len(joins) == 12
    for line in joins:
        old, new = line.get_xdata()
        assert new - old == pytest.approx(0.5)


def test_where_most_seeds_are_at_infinity_there_is_no_median(monkeypatch: pytest.MonkeyPatch) -> None:
    found = held(compared(OF, 0.5))
    monkeypatch.setattr(
        Evidence, "number", lambda self, record, name: 1.0 if record.run.seed < 12 else np.inf
    )
    made = drawing(seeds.draw, found, FIGURES["dots"])
    (axes,) = panels(made)
    assert not [line for line in axes.lines if line.get_linewidth() == 1.2]
    assert {text.get_text() for text in axes.texts} == {"4 of 6 ×"}
    legend = [text.get_text() for each in made.legends for text in each.get_texts()]
    assert "no finite number" in legend
    assert "diverged run" not in legend


def test_medians_against_a_factor() -> None:
    of = study(**BY_RATE)
    (first, _) = panels(drawing(over.draw, held(compared(of, 0.5)), LINES["over"]))
    (old,), (new,) = lines(first, BEFORE), lines(first, AFTER)
    assert len(old) == 3
    np.testing.assert_allclose(new - old, 0.5)


def test_norms_by_layer_are_logarithms_with_the_output_at_the_left() -> None:
    axes = panels(drawing(arrays.layers, held(compared(OF, 0.5)), FIGURES["norms"]))[0]
    (old,), (new,) = lines(axes, BEFORE), lines(axes, AFTER)
    np.testing.assert_allclose(old, np.arange(6))
    np.testing.assert_allclose(new, np.arange(6) + 0.5)
    assert axes.xaxis_inverted()


def test_densities_are_densities() -> None:
    axes = panels(drawing(arrays.histograms, held(compared(OF, 0.5)), FIGURES["weights"]))[0]
    for hand, end in ((BEFORE, 1.0), (AFTER, 1.5)):
        (heights,) = lines(axes, hand)
        assert heights.sum() * 2 * end / len(heights) == pytest.approx(1.0)


def test_critics_over_a_line() -> None:
    found = held(compared(study(**BY_RATE), 0.5, flat=True))
    axes = panels(drawing(arrays.profiles, found, LINES["lines"]))[0]
    (old,), (new,) = lines(axes, BEFORE), lines(axes, AFTER)
    np.testing.assert_allclose(old, new)
    assert (old.min(), old.max()) == (0.0, 1.0)


@pytest.mark.parametrize(("make", "name"), [(planes.contours, "surfaces"), (planes.samples, "points")])
def test_pictures_of_the_plane_have_both_sides(
    make: Callable[[Both, Figure], Drawing | None], name: str
) -> None:
    for axes in panels(drawing(make, held(compared(OF, 0.5)), FIGURES[name])):
        old, new = axes.collections
        assert to_rgb(old.get_edgecolor()[0][:3]) == pytest.approx(to_rgb(BEFORE.color))
        assert to_rgb(new.get_edgecolor()[0][:3]) == pytest.approx(to_rgb(AFTER.color))
        assert axes.get_title().endswith("seed 10")


def test_nothing_is_drawn_of_nothing() -> None:
    found = compared(OF)
    bare = found._replace(
        before=found.before._replace(series_of=None, arrays_of=None),
        after=found.after._replace(series_of=None, arrays_of=None),
    )
    names = [name for name in FIGURES if name not in ("dots", "sheets")]
    assert [draw(held(bare), FIGURES[name]) for name in names] == [None] * len(names)
    same = compared(OF, 0.0)
    assert draw(held(same), FIGURES["dots"]) is None


def test_the_same_records_give_the_same_bytes() -> None:
    of = held(compared(OF, 0.5))
    first, second = draw(of, FIGURES["curve"]), draw(held(compared(OF, 0.5)), FIGURES["curve"])
    assert first is not None
    assert first == second


def test_few_colours_keep_the_sides_apart() -> None:
    png = draw(held(compared(OF, 0.5)), FIGURES["curve"])
    assert png is not None
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).reshape(-1, 3) / 255
    for hand in (BEFORE, AFTER):
        assert np.abs(pixels - to_rgb(hand.color)).max(axis=1).min() < 0.03


def test_numbers_around_zero_do_not_stand_on_each_other() -> None:
    with styled():
        axes = Drawing(figsize=(2, 1.5)).subplots()
        axes.plot([0, 1], [-1.0, 1.0])
        axes.set_yscale("symlog", linthresh=1e-6)
        space_ticks(axes)
    heights = axes.transData.transform([(0.0, tick) for tick in axes.get_yticks()])[:, 1]
    assert np.diff(heights).min() >= 0.1 * axes.bbox.height
    assert 0.0 in axes.get_yticks()


def test_what_cannot_be_drawn_is_noted_and_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(of: Both, figure: Figure) -> Drawing:
        raise TypeError("not of this shape")

    monkeypatch.setattr("suite.compare.figures.draw.KINDS", {"curves": damaged})
    taken()
    assert draw(held(compared(OF, 0.5)), FIGURES["curve"]) is None
    ((about, told),) = taken().items()
    assert about.startswith("figure ")
    assert "cannot be drawn from these results: TypeError: not of this shape" in told
