"""The page of a comparison: its parts, its escapes, and what it leaves out."""

import argparse
import re
from pathlib import Path
from typing import get_args

import pytest

from suite.commands import compare as command
from suite.compare.arguments import comparing
from suite.compare.figures.draw import KINDS
from suite.compare.marks import MARKS
from suite.compare.origins import environments, named
from suite.compare.page import render, write_page
from suite.compare.views import LOOKS, experiments, marks, runs
from suite.errors import UserError
from suite.spec.schema import Figure
from tests.closed import loads_nothing, runs_its_own_script_alone
from tests.compare.pages import FIGURES, compared, shown
from tests.compare.versions import held_against, spread, study, version, with_environment

OF = study(figures=FIGURES)
SAME = held_against(OF, version(OF, spread(3)), version(OF, spread(3)))


@pytest.fixture(scope="module")
def html() -> str:
    return render(shown(), "run_suite.py compare 'a & b'")


def test_the_page_loads_nothing_and_lets_no_script_run_but_its_own(html: str) -> None:
    assert loads_nothing(html)
    assert runs_its_own_script_alone(html)


def test_what_comes_from_files_and_words_is_escaped(html: str) -> None:
    # A side's name in title, heading and table, the other's label in table and key, why a record does not
    # count, what is claimed, and a figure's title.
    assert html.count("&lt;script&gt;document.title = &#34;taken&#34;&lt;/script&gt;") >= 8
    assert "{{ 7 * 7 }}" in html
    assert "<img src=x" not in html
    assert "compare &#39;a &amp; b&#39;" in html


def test_every_link_within_the_page_leads_somewhere(html: str) -> None:
    places = re.findall(r'\bid="([^"]+)"', html)
    assert len(places) == len(set(places))
    links = set(re.findall(r'href="#([^"]+)"', html))
    assert links <= set(places)
    assert any(link.startswith("claim--") for link in links)


def test_every_mark_has_a_look() -> None:
    assert set(LOOKS) == set(MARKS)
    assert len({sign for sign, _, _ in LOOKS.values()}) == len(MARKS)


def test_marks_are_counted(html: str) -> None:
    found = shown()
    counted = {each.mark: (each.claims, each.runs) for each in marks(found)}
    assert sum(claims for claims, _ in counted.values()) == 3
    assert sum(number for _, number in counted.values()) == len(found.runs) == 18
    assert counted["identical"] == (1, 6)
    for mark, (claims, _) in counted.items():
        assert (f'value="{mark}"' in html) == (claims > 0)


def test_a_claim_shows_both_verdicts_why_and_the_note(html: str) -> None:
    row = re.search(r'<tr data-marks="(?!identical)[^>]*>.*?</tr>', html, re.DOTALL)
    assert row is not None
    for text in ("reproduced", "refuted", "code", "reproduced -&gt; refuted"):
        assert text in row[0]
    assert "Turn the penalty round" in html


def test_what_does_not_count_and_what_is_compared_is_told(html: str) -> None:
    assert "results/runs/x/y/record.json" in html
    assert "aaaaaaaaaaaa" in html
    assert "diverged at iteration 3" in html


def test_only_what_differs_between_environments_stands_out() -> None:
    old = version(OF, spread(3))
    new = with_environment(version(OF, spread(3), name="b" * 12), packages={"torch": "2.1"}, device="cuda")
    found = held_against(OF, with_environment(old, packages={"torch": "2.0"}), new)
    different = {row.name: (row.before, row.after) for row in environments(found) if row.before != row.after}
    assert different == {"torch": ("2.0", "2.1"), "Device": ("cpu", "cuda")}
    rows = {row.name: (row.before, row.after) for row in named(found)}
    assert rows["Code"] == ("a" * 12, "b" * 12)
    assert rows["Runs"] == ("12", "12")


def test_versions_that_are_alike_make_a_small_page_that_says_so() -> None:
    html = render(SAME, "")
    assert "Nothing is drawn" in html
    assert "<img" not in html
    assert "<svg" not in html
    assert len(html) < 30_000


def test_a_page_of_nothing() -> None:
    html = render(held_against(OF, {}, {}), "")
    assert "No claim has a run on either side" in html


def test_every_kind_of_figure_is_laid_over_but_images_and_draws() -> None:
    kinds = get_args(Figure.__annotations__["kind"])
    assert set(KINDS) == set(kinds) - {"sheets", "pairs", "best_of", "truncation", "spectra", "pack"}


def test_what_is_left_out_is_told(html: str) -> None:
    assert "Left out of the figures, every run that both sides have being identical: c." in html
    assert "Images cannot be laid over each other; each side&#39;s report has them: Sheets." in html
    assert "1 of 3 claims here are identical and not drawn." in html


def test_a_side_without_series_is_named() -> None:
    found = compared(OF)
    bare = found._replace(before=found.before._replace(series_of=None, arrays_of=None, name="reference"))
    (view,) = experiments(bare)
    assert "reference has no series, and nothing of it is in: Losses, Norms, Weights" in view.notes[0]
    assert [picture.title for picture in view.pictures][:2] == ["Losses", "Losses by arm"]


def test_of_two_sides_without_series_only_numbers_are_drawn() -> None:
    found = compared(OF)
    bare = [side._replace(series_of=None, arrays_of=None) for side in (found.before, found.after)]
    (view,) = experiments(found._replace(before=bare[0], after=bare[1]))
    assert [picture.title for picture in view.pictures] == ["Losses by arm"]


def test_claims_of_one_side_alone_are_listed_and_not_drawn() -> None:
    (view,) = experiments(held_against(OF, version(OF, spread(3)), {}))
    assert not view.drawn
    assert [claim.change.mark for claim in view.claims] == ["missing"]


def test_runs_that_end_otherwise_have_a_row_each() -> None:
    rows = runs(shown())
    assert (rows[0].mark, rows[0].number) == ("new failure", 1)
    assert sum(row.number for row in rows) == 12


def test_the_page_is_written_and_cannot_be_written(tmp_path: Path) -> None:
    page = write_page(SAME, tmp_path / "new" / "folder", "")
    assert page == tmp_path / "new" / "folder" / "index.html"
    assert page.read_text() == render(SAME, "")
    with pytest.raises(UserError, match=r"cannot be written: .*\n    give --page a folder"):
        write_page(SAME, page, "")


def options(*words: str) -> argparse.Namespace:
    """The options of ``compare``."""
    parser = argparse.ArgumentParser()
    comparing(parser)
    parser.set_defaults(pack=[], data=None)
    return parser.parse_args(words)


def test_the_command_writes_the_page_and_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "compared", lambda given: SAME)
    assert command.run(options("a", "b", "--page", str(tmp_path / "new"))) == 0
    assert capsys.readouterr().out.endswith(f"\npage: {tmp_path / 'new' / 'index.html'}\n")
    assert command.run(options("a", "b", "--json", "--page", str(tmp_path / "json"))) == 0
    assert capsys.readouterr().out.startswith("{")
    assert (tmp_path / "json" / "index.html").is_file()
