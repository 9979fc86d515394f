"""Code of packs that does not work: what is told, and that all else is there."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from suite.errors import UserError
from suite.report.figures import files
from suite.report.figures.draw import not_drawn
from suite.spec.packs.code import code
from suite.spec.packs.faulty import Faulty
from tests.cli.calls import Answer, Place
from tests.packs.conftest import BAG

Load = Callable[..., None]
SPREAD = "return (series.values.max() - series.values.min()) ** power"
DRAWN = "return drawing"
SENTENCE = 'raise KeyError("$x")'


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert text.count(old) == 1, old
    file.write_text(text.replace(old, new))


def line(file: Path, words: str) -> int:
    """The first line that has them."""
    return next(number for number, each in enumerate(file.read_text().splitlines(), 1) if words in each)


def on(place: Place, command: str, pack: Path) -> Answer:
    """A command on the pack's experiment at smoke scale."""
    words = (command, "bag/everything", "--scale", "smoke", "--pack", str(pack))
    return place.call(*words, *(["--quiet"] if command == "run" else []))


def page(place: Place) -> Path:
    return place.results / "report" / "smoke" / "index.html"


def picture(place: Place, name: str) -> bytes:
    return (page(place).parent / "figures" / f"bag-everything--smoke--{name}.png").read_bytes()


def records(place: Place) -> list[dict[str, dict[str, object]]]:
    return [json.loads(path.read_bytes()) for path in place.results.glob("runs/*/*/record.json")]


# --- Figures ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("new", "said", "at"),
    [
        (SENTENCE, "KeyError: '$x'", SENTENCE),
        ("return None", "gave None, not a matplotlib.figure.Figure", "def dots"),
        ("return axes", "gave Axes, not a matplotlib.figure.Figure", "def dots"),
        ("axes.set_title('$a_{$'); return drawing", "ValueError: ", "def dots"),
    ],
)
def test_a_figure_that_fails_leaves_its_place_to_a_sentence(
    place: Place, copied: Path, new: str, said: str, at: str
) -> None:
    module = copied / "drawings.py"
    edit(module, DRAWN, new)
    answer = on(place, "run", copied)
    assert answer.status == 2
    assert f"error: figure 'bag/dots': {said}" in answer.err
    where = f"    {module}, line {line(module, at)}: mend it there; until then a sentence is in its place\n"
    assert answer.err.endswith(where)
    assert page(place).is_file()
    assert len(picture(place, "dots")) != len(picture(place, "curves"))
    assert {record["outcome"]["state"] for record in records(place)} == {"finished"}


def test_it_is_told_again_until_it_is_mended(place: Place, copied: Path, load: Load) -> None:
    """Also where nothing has changed: what the code found missing may be there now."""
    module = copied / "drawings.py"
    edit(module, DRAWN, SENTENCE)
    load(copied)
    first, again = on(place, "run", copied), on(place, "report", copied)
    assert (again.status, again.err) == (2, first.err)
    failed = picture(place, "dots")
    edit(module, SENTENCE, DRAWN)
    other = copied.rename(copied.with_name("mended"))  # A pack is read once a process.
    load(other)
    mended = on(place, "report", other)
    assert (mended.status, mended.err) == (0, "")
    assert picture(place, "dots") != failed


def test_it_is_told_by_processes_that_draw_as_well(
    place: Place, copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "WORTH", 1)
    monkeypatch.setattr(files, "cores", lambda: 2)
    edit(copied / "drawings.py", DRAWN, SENTENCE)
    answer = on(place, "run", copied)
    assert (answer.status, answer.err.count("error: figure 'bag/dots': KeyError: '$x'")) == (2, 1)


def test_a_module_that_is_not_there_for_a_figure_is_told_with_its_cure(place: Place, copied: Path) -> None:
    module = copied / "drawings.py"
    edit(module, "\n\n\ndef", "\nimport nowhere\n\n\ndef")
    answer = on(place, "run", copied)
    assert answer.status == 2
    assert answer.err == (
        "error: figure 'bag/dots': its module 'drawings' cannot be imported: there is no module 'nowhere'\n"
        f"    {module}, line {line(module, 'nowhere')}: install it where the suite is, or do without it\n"
    )


def test_the_sentence_names_the_fault_and_its_line_but_no_folder() -> None:
    """The picture is the same wherever the pack lies; a dollar sign begins no formula."""
    fault = Faulty("figure 'bag/dots'", "KeyError: '$x'", "/somewhere/bag/drawings.py, line 8", "mend it")
    (text,) = not_drawn(fault).axes[0].texts
    assert text.get_text() == "figure 'bag/dots': KeyError: '\\$x'\ndrawings.py, line 8"


# --- Metrics ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("new", "said", "at"),
    [
        ('raise KeyError("x")', "KeyError: 'x'", "raise"),
        ("return None", "gave None, not a number", "def spread"),
        ('return "1"', "gave str, not a number", "def spread"),
        ("return series.values", "gave ndarray, not a number", "def spread"),
    ],
)
def test_a_metric_that_fails_costs_no_run(place: Place, copied: Path, new: str, said: str, at: str) -> None:
    """They are finished, and have their other metrics; this one is told once, also without a report."""
    module = copied / "code.py"
    edit(module, SPREAD, new)
    answer = place.call("run", "bag/everything", "--no-report", "--quiet", "--pack", str(copied))
    assert answer.status == 2
    assert answer.err == (
        f"error: metric 'bag/spread': {said}\n"
        f"    {module}, line {line(module, at)}: mend it there; until then runs are without it\n"
    )
    assert [(each["outcome"]["state"], [*each["metrics"]]) for each in records(place)] == [
        ("finished", ["weights"])
    ] * 8


def test_it_is_measured_when_it_is_mended_and_nothing_is_trained(
    place: Place, tmp_path: Path, load: Load
) -> None:
    """Of a pack's experiment whose runs are the suite's, which its content is no part of."""
    metric = "metrics:\n  far: {series: losses.critic, reduce: pack, use: mine/far}"
    place.edit("metrics:", metric)
    place.edit("metric: loss\n    arm: clip", "metric: far\n    arm: clip")
    packs = [tmp_path / name for name in ("broken", "mended")]
    for pack, body in zip(packs, ("raise KeyError('x')", "return 1.0"), strict=True):
        pack.mkdir()
        (pack / "pack.yaml").write_text("pack: mine\nmetrics: {far: {at: 'code:far'}}\n")
        (pack / "code.py").write_text(f"def far(series):\n    {body}\n")
    load(packs[0])
    broken = place.call("run", "--quiet")
    assert (broken.status, broken.err.count("metric 'mine/far': KeyError: 'x'")) == (2, 1)
    page_ = (place.results / "report" / "desk" / "index.html").read_text()
    assert "has no value of far: mine/far does not work" in page_
    before = {path: path.stat().st_mtime_ns for path in place.records().values()}
    load(packs[1])
    mended = place.call("report", "--json")
    assert mended.status == 0
    assert json.loads(mended.out)["claims"][0]["verdict"] == "reproduced"
    assert {path: path.stat().st_mtime_ns for path in before} == before
    load(packs[0])
    again = place.call("report", "--json")
    assert (again.status, again.err.count("metric 'mine/far': KeyError: 'x'")) == (2, 1)


# --- Modules ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said", "cure"),
    [
        ("X = np.float0", "AttributeError: module 'numpy' has no attribute 'float0'", "mend it there"),
        ("import nowhere", "there is no module 'nowhere'", "install it where the suite is, or do without it"),
        ("from .nowhere import x", "there is no module 'nowhere'", "modules are looked for in PACK"),
        (
            "import drawings",
            "there is no module 'drawings'",
            "modules of a pack import each other relatively: from .drawings import ...",
        ),
        ("def (:", "SyntaxError: invalid syntax", "mend it there"),
        ("raise RuntimeError('one\\ntwo')", "RuntimeError: one ...", "mend it there"),
    ],
)
def test_a_module_that_cannot_be_imported_is_told_with_file_and_line(
    copied: Path, load: Load, text: str, said: str, cure: str
) -> None:
    module = copied / "code.py"
    edit(module, "\n\n\nclass Cross", f"\n{text}\n\n\nclass Cross")
    load(copied)
    with pytest.raises(UserError) as caught:
        code("constraints", "bag/ball", {})
    assert str(caught.value) == (
        f"bag/ball: its module 'code' cannot be imported: {said}\n"
        f"    {module}, line {line(module, text)}: {cure.replace('PACK', str(copied))}"
    )


# --- Runs that fail -----------------------------------------------------------------------


def test_one_fault_of_many_runs_is_told_once(place: Place, copied: Path) -> None:
    edit(copied / "code.py", "return -self.scale * fake", "raise KeyError('x')")
    answer = on(place, "run", copied)
    assert answer.status == 1
    assert answer.out.count("KeyError: 'x'") == 1
    first = next(each for each in answer.out.splitlines() if each.startswith("failed  "))
    name = first.split()[1].rstrip(":")
    said = "UserError: loss 'bag/scaled_hinge', tried with scores of shape [2, 4]: KeyError: 'x'"
    assert f"4 runs failed; `status` tells which and why\n    4, first {name}: {said}\n" in answer.err


def test_the_bag_itself_has_no_fault(place: Place) -> None:
    answer = on(place, "run", BAG)
    assert (answer.status, answer.err) == (0, "")
