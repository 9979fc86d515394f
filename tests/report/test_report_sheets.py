"""Generated images: their films on the page, and the figure of their last frames."""

import base64
import io
import re
from pathlib import Path

import msgspec
import numpy as np
import pytest
from matplotlib.axes import Axes
from PIL import Image

from suite.report import sheets as films
from suite.report.evidence import Evidence, StoredEvidence
from suite.report.figures.curves import Curve, seconds, table
from suite.report.figures.draw import draw
from suite.report.figures.grid import Grid, crossed
from suite.report.figures.sheets import _number as shown
from suite.report.figures.sheets import arranged, by_class, caption, montage
from suite.report.figures.style import styled
from suite.report.page import render
from suite.report.regenerate import Again
from suite.report.sheets import sheets
from suite.series import Series
from suite.spec.schema import Figure
from suite.store.store import Store

FIGURE = Figure(kind="sheets", title="", y="frechet", y_label="FD")


@pytest.fixture
def images(evidence: list[Evidence]) -> Evidence:
    return evidence[4]


def brightness(axes: Axes) -> list[int]:
    """The grey levels of the images in a panel, but for the white between them."""
    (image,) = axes.images
    return sorted(set(np.asarray(image.get_array()).ravel().tolist()) - {255})


def copied(evidence: Evidence, folder: Path) -> Evidence:
    """The same records with a store in which nothing else is left."""
    records = {record.run.id: record for record in evidence.records}
    return StoredEvidence(evidence.study, records, Store(folder, "f" * 12))


# --- The page -------------------------------------------------------------------------


def test_a_film_is_of_the_first_finished_seed(images: Evidence) -> None:
    views = sheets(images)
    assert [view.title for view in views] == ["GAN, DCGAN", "GAN, MLP", "WGAN, DCGAN", "WGAN, MLP"]
    assert [view.film.seed if view.film else None for view in views] == [10, 11, 10, None]
    assert views[3].missing == "3 of 3 diverged"
    film = views[0].film
    assert film is not None
    assert (film.width, film.height, film.iterations, film.exact) == (69, 35, (0, 500, 1000), True)


def test_films_of_all_seeds_are_linked_from_the_reports_folder(images: Evidence) -> None:
    views = sheets(images)
    assert [seed for seed, _ in views[1].files] == ["10 (diverged)", "11", "12"]
    root = images.store.root
    for _, address in (file for view in views for file in view.files):
        place = (root / "report" / "desk" / address).resolve()
        assert place.is_relative_to(root.resolve() / "runs" / "ffffffffffff")
        assert place.read_bytes().startswith(b"\x89PNG")


def test_a_large_film_is_compressed_to_the_same_size(
    images: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(films, "LARGE", 1)
    film = sheets(images)[0].film
    assert film is not None
    assert not film.exact
    kind, _, data = film.data.partition(",")
    assert kind == "data:image/webp;base64"
    assert Image.open(io.BytesIO(base64.b64decode(data))).size == (film.width, 3 * film.height)


def test_a_large_film_that_is_cut_short_is_not_shown(
    images: Evidence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(films, "LARGE", 1)
    some = copied(images, tmp_path)
    for record in some.records:
        of_it, folder = images.store.folder(record.run.id).path, some.store.folder(record.run.id).path
        folder.mkdir(parents=True)
        (folder / "arrays.npz").write_bytes((of_it / "arrays.npz").read_bytes())
        (folder / "sheet.png").write_bytes((of_it / "sheet.png").read_bytes()[:-200])
    assert [view.film for view in sheets(some)] == [None] * 4


def test_before_any_run_there_is_no_section(empty_evidence: list[Evidence]) -> None:
    assert [sheets(each) for each in empty_evidence] == [()] * 5


@pytest.mark.parametrize("content", [b"", b"GIF89a" + b"\0" * 40, b"\x89PNG\r\n\x1a\n"])
def test_a_damaged_film_is_not_shown(images: Evidence, tmp_path: Path, content: bytes) -> None:
    some = copied(images, tmp_path)
    for record in some.records:
        folder = some.store.folder(record.run.id).path
        folder.mkdir(parents=True)
        (folder / "sheet.png").write_bytes(content)
        original = images.store.folder(record.run.id).path / "arrays.npz"
        (folder / "arrays.npz").write_bytes(original.read_bytes())
    assert [view.film for view in sheets(some)] == [None] * 4
    assert sheets(some)[0].missing == "nothing recorded"


def test_a_film_of_other_frames_than_were_recorded_is_not_shown(images: Evidence, tmp_path: Path) -> None:
    some = copied(images, tmp_path)
    record = some.records[0]
    folder, original = (each.store.folder(record.run.id).path for each in (some, images))
    folder.mkdir(parents=True)
    (folder / "arrays.npz").write_bytes((original / "arrays.npz").read_bytes())
    buffer = io.BytesIO()
    Image.new("L", (69, 104)).save(buffer, "PNG")
    (folder / "sheet.png").write_bytes(buffer.getvalue())
    assert all(view.film is None for view in sheets(some))


def test_the_section_of_the_page(images: Evidence) -> None:
    html = render([images], [], {}, Again("command"))
    section = html[html.index("Samples while training") : html.index("<details><summary>Settings")]
    assert re.findall(r'data-iterations="([^"]*)"', section) == ["0 500 1000"] * 3
    assert re.findall(r'type="range" min="0" max="(\d+)" value="(\d+)"', section) == [("2", "2")] * 3
    assert re.findall(r'aria-label="Iteration of ([^"]*)"', section) == [
        "GAN, DCGAN", "GAN, MLP", "WGAN, DCGAN",
    ]  # fmt: skip
    assert section.count(">iteration 1000</output>") == 3
    assert "3 of 3 diverged" in section
    assert section.count("<a href=") == 12


def test_names_of_arms_are_escaped(hostile_evidence: Evidence, hostile: str) -> None:
    assert sheets(hostile_evidence)[0].title == hostile
    html = render([hostile_evidence], [], {}, Again("command"))
    assert 'aria-label="Iteration of &lt;script&gt;document' in html
    assert "<img src=x" not in html
    assert html.count("<script") == 1


def test_an_experiment_without_its_data_says_so(hostile_evidence: Evidence, hostile: str) -> None:
    assert "Not run:" not in render([hostile_evidence], [], {}, Again(""))
    hostile_evidence.study.not_run = f"no data {hostile}"  # type: ignore[attr-defined,unused-ignore]
    assert '<p class="warning"><b>Not run:</b> no data &lt;script&gt;' in render(
        [hostile_evidence], [], {}, Again("")
    )


# --- The figure -----------------------------------------------------------------------


def test_methods_are_rows_and_architectures_columns(images: Evidence) -> None:
    shape = crossed(images, FIGURE)
    assert shape is not None
    assert (shape.rows, shape.columns) == (("GAN", "WGAN"), ("DCGAN", "MLP"))
    arms = [[cell.arm if cell else None for cell in row] for row in shape.cells]
    assert arms == [["GAN, DCGAN", "GAN, MLP"], ["WGAN, DCGAN", "WGAN, MLP"]]
    some = msgspec.structs.replace(FIGURE, arms=("GAN, DCGAN", "WGAN, MLP"))
    cells = crossed(images, some)
    assert cells is not None
    assert [[cell is not None for cell in row] for row in cells.cells] == [[True, False], [False, True]]


def test_other_names_and_factors_are_no_such_grid(evidence: list[Evidence]) -> None:
    assert crossed(evidence[0], Figure(kind="sheets", title="")) is None
    assert crossed(evidence[1], Figure(kind="sheets", title="", x="data")) is None
    assert crossed(evidence[1], Figure(kind="sheets", title="")) is None


def test_panels_show_the_last_frame_of_the_first_finished_seed(images: Evidence) -> None:
    with styled():
        drawing = draw(images, FIGURE)
    assert [brightness(axes) for axes in drawing.axes[:3]] == [[10], [11], [10]]
    assert [axes.get_title() for axes in drawing.axes] == ["DCGAN", "MLP", "", ""]
    assert [axes.get_ylabel() for axes in drawing.axes] == ["GAN", "", "WGAN", ""]
    assert [axes.get_xlabel() for axes in drawing.axes] == [
        "FD 31 [30, 32]\n3 seeds; here 30",
        "FD 31.5 [31, 32]\n3 seeds, 1 diverged; here 31",
        "FD 31 [30, 32]\n3 seeds; here 30",
        "",
    ]
    assert [text.get_text() for text in drawing.axes[3].texts] == ["all 3\ndiverged"]
    assert drawing.get_suptitle().replace("\n", " ") == (
        "Images of the first finished seed (10, 11); FD: distance, "
        "median [range] over seeds, and that of the images here"
    )
    assert not any(len(axes.get_xticks()) or len(axes.get_yticks()) for axes in drawing.axes)


def test_without_a_metric_only_seeds_are_counted(images: Evidence) -> None:
    with styled():
        drawing = draw(images, images.study.experiment.figures["one_row"])
    assert [axes.get_xlabel() for axes in drawing.axes] == ["3 seeds"]


def test_images_that_are_not_there_are_missed(images: Evidence, tmp_path: Path) -> None:
    with styled():
        drawing = draw(copied(images, tmp_path), FIGURE)
    said = [text.get_text() for axes in drawing.axes for text in axes.texts]
    assert said == ["nothing\nrecorded"] * 3 + ["all 3\ndiverged"]


def test_a_long_label_is_told_above_and_not_in_each_caption(images: Evidence) -> None:
    figure = msgspec.structs.replace(FIGURE, y_label="Frechet distance")
    assert caption(images, figure, images.study.conditions[0]) == "31 [30, 32]\n3 seeds"


def test_a_montage_leaves_white_where_there_is_no_image() -> None:
    sheet = montage(np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), (1, 2, 1), (4, 2))
    assert sheet[:, :, 0].tolist() == [
        [1, 2, 255, 3, 4],
        [255, 255, 255, 255, 255],
        [5, 6, 255, 255, 255],
    ]


def test_a_class_has_a_column_of_its_own() -> None:
    asked = np.arange(23) % 10
    assert by_class(asked, 10, 6).tolist() == [*range(6), *range(6), 0, 1, 2]
    assert by_class(asked, 0, 6).tolist() == asked.tolist()
    assert by_class(asked, 3, 6).tolist() == asked.tolist()


def test_many_panels_without_a_second_name_stand_in_rows_of_four() -> None:
    layout = arranged(Grid(("",), tuple("abcdef"), ((None,) * 6,)))
    assert layout.titles == (("a", "b", "c", "d"), ("e", "f", "", ""))
    assert [len(row) for row in layout.cells] == [4, 4]
    wide = Grid(("r", "s"), tuple("abcdefg"), ((None,) * 7,) * 2)
    assert arranged(wide).titles == (tuple("abcdefg"), ("",) * 7)
    wider = arranged(Grid(("r", "s"), tuple("abcdefgh"), ((None,) * 8,) * 2))
    assert wider.rows == ("r", "s", "r", "s")
    assert wider.titles[0::2] == (tuple("abcdefg"), ("h", *[""] * 6))
    assert [len(row) for row in wider.cells] == [7] * 4


def test_a_columns_name_stands_above_its_first_panel(images: Evidence) -> None:
    cell = images.study.conditions[0]
    layout = arranged(Grid(("r", "s"), ("a", "b"), ((cell, None), (cell, cell))))
    assert layout.titles == (("a", ""), ("", "b"))


def test_a_single_run_has_no_range_and_roundings_are_zero(images: Evidence) -> None:
    records = {record.run.id: record for record in images.records if record.run.seed == 10}
    alone = StoredEvidence(images.study, records, images.store)
    assert caption(alone, FIGURE, alone.study.conditions[0]) == "FD 30"
    with styled():
        drawing = draw(alone, FIGURE)
    assert drawing.get_suptitle().replace("\n", " ").endswith("; FD: distance; a single run each")
    assert (shown(2.2e-16), shown(1234.5), shown(0.25)) == ("0", "1234", "0.25")


# --- Curves against time --------------------------------------------------------------


def test_seconds_are_a_runs_share_of_its_time(images: Evidence) -> None:
    series = Series(np.array([0, 500, 1000]), np.zeros(3))
    assert seconds(images.records[0], series).tolist() == [0.0, 1.25, 2.5]


def test_runs_of_different_lengths_are_interpolated_where_both_are() -> None:
    rising = Curve(np.array([0.0, 10.0]), np.array([0.0, 10.0]), diverged=False)
    later = Curve(np.array([2.0, 6.0, 20.0]), np.array([5.0, 5.0, 5.0]), diverged=False)
    x, values = table([rising, later], "seconds")
    assert (x[0], x[-1], values.shape) == (2.0, 10.0, (2, len(x)))
    assert values[0] == pytest.approx(x)
    assert (values[1] == 5.0).all()
    apart = Curve(np.array([30.0, 40.0]), np.array([0.0, 0.0]), diverged=False)
    assert table([rising, apart], "seconds")[0].size == 0


def test_iterations_are_those_that_all_have() -> None:
    one = Curve(np.array([0.0, 1.0, 2.0]), np.array([1.0, 2.0, 3.0]), diverged=False)
    other = Curve(np.array([1.0, 2.0, 4.0]), np.array([5.0, 6.0, 7.0]), diverged=False)
    x, values = table([one, other], "iteration")
    assert (x.tolist(), values.tolist()) == ([1.0, 2.0], [[2.0, 3.0], [5.0, 6.0]])


def test_crossed_arms_have_a_panel_an_architecture(images: Evidence) -> None:
    with styled():
        drawing = draw(images, images.study.experiment.figures["time"])
    assert [axes.get_title() for axes in drawing.axes] == ["DCGAN", "MLP"]
    assert len({axes.get_xlim() for axes in drawing.axes}) == 1
    assert drawing.get_supxlabel() == "Seconds of one core (a run's share of its batch)"
    (legend,) = drawing.legends
    assert [text.get_text() for text in legend.get_texts()] == ["GAN", "WGAN", "diverged run"]
    assert legend.get_title().get_text() == "Median and range of 3 seeds, each thin; 4 of 12 runs diverged"


def test_one_architecture_needs_no_panels(images: Evidence) -> None:
    with styled():
        (axes,) = draw(images, images.study.experiment.figures["time_of_one"]).axes
    assert axes.get_xlabel() == "Seconds of one core (a run's share of its batch)"
    middle = next(line for line in axes.lines if line.get_linewidth() == 1.3)
    assert np.asarray(middle.get_xdata())[-1] == pytest.approx(99 * 2.5 / 1000)
