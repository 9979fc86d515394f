"""Packs on the command line: run, report, compare, reading without them, and what stays as it is."""

import html
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from suite.cli import parse
from suite.launch import local
from suite.spec.packs.found import VARIABLE
from suite.store.version import fingerprint
from tests.cli.calls import SCRIPT, Answer, Place, call
from tests.cli.test_processes import HEAVY, loaded
from tests.launch.small import PoolHere
from tests.packs.conftest import BAG

Load = Callable[..., None]
RUN = ("run", "bag/everything", "--quiet")
FIGURE = "bag-everything--desk--dots"


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The results of one run with ``bag``; not to be changed."""
    from tests.launch.small import write_experiments

    place = Place(tmp_path_factory.mktemp("packs"))
    write_experiments(place.root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "Pool", PoolHere)
        patch.setenv(VARIABLE, "")
        answer = place.call(*RUN, "--pack", str(BAG))
    assert answer.status == 0, answer
    return place


def versions(place: Place) -> set[str]:
    return {path.parents[1].name for path in place.results.glob("runs/*/*/record.json")}


def figure(place: Place) -> bytes:
    return (place.results / "report" / "desk" / "figures" / f"{FIGURE}.png").read_bytes()


def without(place: Place, *words: str) -> Answer:
    """A command on the results and experiments of ``bag``, without it."""
    return call(*words, "--experiments", str(BAG / "experiments"), "--results", str(place.results))


def loaded_with(place: Place, *words: str) -> Answer:
    answer = place.call(*words, "--pack", str(BAG))
    assert answer.status == 0, answer
    return answer


def test_its_records_lie_under_its_version(once: Place) -> None:
    (version,) = versions(once)
    assert version.startswith(f"{fingerprint()}+bag.")
    record = json.loads(next(once.results.glob("runs/*/*/record.json")).read_bytes())
    assert record["code"]["fingerprint"] == version


def test_its_experiments_are_listed_validated_and_planned(once: Place) -> None:
    assert "bag/everything" in loaded_with(once, "list").out
    assert "2 of 2 experiment files are valid" in loaded_with(once, "validate").out
    assert "8 runs to begin with, 0 missing" in loaded_with(once, "plan", "bag/*").out
    assert "8" in loaded_with(once, "status", "bag/*").out


def test_a_second_run_trains_nothing(once: Place) -> None:
    before = {path: path.stat().st_mtime_ns for path in once.results.glob("runs/*/*/record.json")}
    loaded_with(once, *RUN)
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_suites_own_experiment_keeps_its_runs_and_version(place: Place) -> None:
    assert place.call("run", "small/pair", "--no-report", "--quiet").status == 0
    names = set(place.records())
    assert versions(place) == {fingerprint()}
    assert ": 8 runs to begin with, 0 missing" in loaded_with(place, "plan", "small/pair").out
    loaded_with(place, "run", "small/pair", "--no-report", "--quiet")
    assert (set(place.records()), versions(place)) == (names, {fingerprint()})


def test_one_that_uses_something_of_a_pack_does_not(place: Place) -> None:
    words = ("run", "small/pair", "constraint=bag/ball", "--scale", "smoke", "--no-report", "--quiet")
    loaded_with(place, *words)
    assert {version.partition(".")[0] for version in versions(place)} == {f"{fingerprint()}+bag"}


def test_its_figure_and_words_are_in_the_report(once: Place) -> None:
    page = (once.results / "report" / "desk" / "index.html").read_text()
    assert figure(once).startswith(b"\x89PNG")
    assert "every seed&#39;s last value" in page
    assert "largest weight of the first layer" in page
    assert "not here" not in page


def test_a_changed_figure_is_drawn_again(place: Place, copied: Path, load: Load) -> None:
    load(copied)
    words = ("run", "bag/everything", "--quiet")
    assert place.call(*words).status == 0
    before = figure(place)
    other = copied.with_name("other")
    copied.rename(other)
    (other / "drawings.py").write_text((other / "drawings.py").read_text().replace('"o"', '"s"'))
    load(other)
    assert place.call(*words).status == 0
    assert figure(place) != before


# --- Without the pack ---------------------------------------------------------------------


def test_results_are_read_without_it(once: Place, tmp_path: Path) -> None:
    answer = without(once, "report", "--json")
    with_it = json.loads(loaded_with(once, "report", "bag/*", "--json").out)
    assert answer.status == 0
    assert answer.err.startswith("pack 'bag' is not here: its figures are left out, its metrics are as the")
    assert json.loads(answer.out)["claims"] == with_it["claims"]


def test_its_figure_is_replaced_by_a_sentence(once: Place) -> None:
    drawn = figure(once)
    assert without(once, "report").status == 0
    page = (once.results / "report" / "desk" / "index.html").read_text()
    assert figure(once) != drawn
    assert "by bag/dots" in page
    loaded_with(once, "report", "bag/*")
    assert figure(once) == drawn


def test_they_are_listed_and_their_state_told(once: Place) -> None:
    assert "pack 'bag' is not here" in without(once, "list").out
    assert without(once, "status").status == 0


@pytest.mark.parametrize("command", ["run", "plan", "validate"])
def test_they_cannot_be_run(once: Place, command: str) -> None:
    answer = without(once, command)
    assert answer.status == 2
    assert "name its folder with --pack FOLDER, or install it; packs here: none" in answer.err


def test_they_can_be_compared(once: Place) -> None:
    answer = without(once, "compare", str(once.results), "now", "--json")
    assert answer.status == 0, answer
    assert "pack 'bag' is not here" in answer.err
    assert json.loads(answer.out)["runs"] == {"identical": 8}


def test_a_result_folder_is_never_a_pack(once: Place) -> None:
    (once.results / "pack.yaml").write_text("pack: evil\nlosses: {evil: {at: 'evil:evil'}}\n")
    (once.results / "evil.py").write_text("raise RuntimeError('run')\n")
    assert without(once, "report", "--json").status == 0
    (once.results / "pack.yaml").unlink()


# --- Versions of a pack -------------------------------------------------------------------


def test_two_versions_of_a_pack_can_be_compared(place: Place, copied: Path, load: Load) -> None:
    load(copied)
    words = ("run", "bag/everything", "--no-report", "--quiet")
    assert place.call(*words).status == 0
    (old,) = versions(place)
    other = copied.with_name("other")
    copied.rename(other)
    text = (other / "code.py").read_text()
    (other / "code.py").write_text(text.replace("self.radius / size", "0.9 * self.radius / size"))
    load(other)
    assert place.call(*words).status == 0
    (new,) = versions(place) - {old}
    answer = place.call("compare", f"{place.results}@{old}", f"{place.results}@{new}", "bag/*", "--json")
    assert answer.status == 0, answer
    found = json.loads(answer.out)
    assert found["runs"]["identical"] == 4
    assert [run["id"].split(".")[2] for run in found["changed_runs"]] == ["ball"] * 4


def test_a_version_of_a_pack_is_chosen_by_its_own_hash(place: Place, copied: Path, load: Load) -> None:
    load(copied)
    assert place.call("run", "bag/everything", "--no-report", "--quiet").status == 0
    (version,) = versions(place)
    short = f"{place.results}@{version.partition('.')[2][:6]}"
    answer = place.call("compare", short, "now", "bag/*", "--json")
    assert json.loads(answer.out)["runs"] == {"identical": 8}
    wrong = place.call("compare", f"{place.results}@123abc", "now")
    assert (wrong.status, wrong.err.count(version)) == (2, 1)
    assert "no results of version '123abc'" in wrong.err


def test_versions_tell_which_of_a_pack_is_here(place: Place, copied: Path, load: Load) -> None:
    load(copied)
    assert place.call("run", "bag/everything", "--no-report", "--quiet").status == 0

    def now() -> list[bool]:
        told = json.loads(call("versions", "--results", str(place.results), "--json").out)
        return [each["now"] for each in told if "+" in each["name"]]

    assert now() == [True]
    other = copied.with_name("other")
    copied.rename(other)
    (other / "code.py").write_text((other / "code.py").read_text() + "x = 1\n")
    load(other)
    assert now() == [False]
    load()
    assert now() == [True]


def test_a_changed_figure_or_metric_trains_nothing_again(place: Place, copied: Path, load: Load) -> None:
    load(copied)
    words = ("run", "bag/everything", "--no-report", "--quiet")
    assert place.call(*words).status == 0
    before = versions(place)
    other = copied.with_name("other")
    copied.rename(other)
    (other / "drawings.py").write_text((other / "drawings.py").read_text() + "x = 1\n")
    load(other)
    assert place.call(*words).status == 0
    assert versions(place) == before


# --- What stands in the way ---------------------------------------------------------------


def test_results_do_not_lie_among_the_files_of_a_pack(copied: Path) -> None:
    (copied / "out").mkdir()
    for name in ("out", "."):
        answer = call("plan", "bag/*", "--pack", str(copied), "--results", str(copied / name))
        assert answer.status == 2
        assert "which does not count" in answer.err
    assert call("plan", "bag/*", "--pack", str(copied), "--results", str(copied / "results")).status == 0


def test_nothing_is_trained_with_a_pack_that_lacks_code(place: Place, copied: Path) -> None:
    (copied / "drawings.py").unlink()
    answer = place.call(*RUN, "--pack", str(copied))
    assert (answer.status, versions(place)) == (2, set())
    assert "figure 'dots' is said to be at drawings:dots, which is not there" in answer.err
    assert place.call("report", "bag/*", "--pack", str(copied)).status == 2  # There are no results.


def test_runs_of_packs_that_are_not_here_are_told_of(once: Place) -> None:
    told = "pack 'bag' is not here: its experiments are left out"
    assert told in once.call("report", "--json").err
    assert told not in once.call("report", "small/*", "--json").err


# --- Processes ----------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["list", "plan", "status", "validate"])
def test_nothing_heavy_and_no_code_of_a_pack_is_imported(place: Place, words: str) -> None:
    found = loaded([*place.words(words), "--pack", str(BAG)])
    assert not found & HEAVY
    assert not [name for name in found if name.startswith("wgan_suite_pack_")]


def test_workers_know_the_packs_of_their_command(tmp_path: Path) -> None:
    """In processes of their own, and with a pack that the variable names."""
    words = ["run", "bag/everything", "--scale", "smoke", "--no-report", "--quiet", "--workers", "1"]
    words += ["--pack", str(BAG), "--results", str(tmp_path)]
    done = subprocess.run([sys.executable, SCRIPT, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
    states = [
        json.loads(path.read_bytes())["outcome"]["state"] for path in tmp_path.glob("runs/*/*/record.json")
    ]
    assert states == ["finished"] * 4


@pytest.mark.parametrize(
    "words",
    [
        ("reference", "bag/everything"),
        ("reference",),
        ("reference", "small/pair", "constraint=bag/ball"),
    ],
)
def test_a_reference_is_of_the_suites_own_experiments(once: Place, words: tuple[str, ...]) -> None:
    answer = once.call(*words, "--pack", str(BAG))
    assert answer.status == 2
    assert (
        ": of a pack, which is no part of a release\n    leave out --pack and WGAN_SUITE_PACKS" in answer.err
    )
    assert ("small/pair" in answer.err) is ("small/pair" in words)


def test_the_page_has_a_command_with_its_packs(once: Place) -> None:
    """For the whole page, for its experiment, and for that one's figures."""
    page = (once.results / "report" / "desk" / "index.html").read_text(encoding="utf-8")
    commands = re.findall(r"run_suite\.py run [^<]*", page)
    assert len(commands) == 3
    for command in commands:
        options = parse(shlex.split(html.unescape(command))[1:])
        assert [each.resolve() for each in options.pack] == [BAG]
        assert options.what[0].startswith("bag/")


@pytest.mark.parametrize("where", ["mine.yaml", "bag/mine.yaml", "other/bag/mine.yml"])
def test_validate_tells_of_an_experiment_where_nothing_reads_it(copied: Path, where: str) -> None:
    source, stray = copied / "experiments" / "bag" / "everything.yaml", copied / where
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_bytes(source.read_bytes())
    answer = call("validate", "bag/everything", "--pack", str(copied))
    folder = stray.parent.name if "/" in where else "PAPER"
    assert answer.status == 2
    assert answer.err == (
        f"error: {stray.as_posix()}: is not read: "
        "a pack's experiments are at experiments/<paper>/<name>.yaml\n"
        f"    move it to {copied.as_posix()}/experiments/{folder}/mine.yaml, beside its paper.yaml\n"
    )
    assert answer.out == "1 of 1 experiment files are valid\n"


def test_validate_tells_of_no_other_file(copied: Path) -> None:
    source = (copied / "experiments" / "bag" / "everything.yaml").read_bytes()
    for name in ("tests/a.yaml", ".hidden/a.yaml", "results/a.yaml", "inner/bag/a.yaml", "a.txt"):
        (copied / name).parent.mkdir(parents=True, exist_ok=True)
        (copied / name).write_bytes(source)
    (copied / "inner" / "pack.yaml").write_text("pack: inner\n")
    (copied / "settings.yml").write_text("id: of something else\nwidth: 3\n")
    (copied / "latin.yaml").write_bytes(b"id: caf\xe9\n")
    answer = call("validate", "bag/everything", "--pack", str(copied))
    assert (answer.status, answer.err) == (0, "")
