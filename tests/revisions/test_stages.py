"""Which commits can change a result of an experiment."""

from pathlib import Path

import pytest

from suite.revisions.stages import Stage, stages
from tests.revisions.repositories import FILE, PENALTY, Copy

OTHER = "experiments/small/other_one.yaml"
BORROWS = "# borrowed: {experiment: small/other-one}"


def found(copy: Copy, results: Path, own: bool = False) -> list[Stage]:
    first = copy.repository.commit("main~0^{/beginning}")
    return stages(copy.repository, copy.repository.chain(first, copy.head), "small/single", results, own)


@pytest.mark.parametrize(
    ("name", "line", "count"),
    [
        (PENALTY, "A = 1", 2),
        (PENALTY, "# A comment", 1),
        ("suite/spec/resolve.py", "A = 1", 2),
        ("suite/spec/resolve.py", "# A comment", 1),
        ("suite/report/page.py", "A = 1", 1),
        ("suite/judge/assess.py", "A = 1", 1),
        ("README.md", "A line", 1),
        (FILE, "tags: [new]", 2),
        (OTHER, "id: small/other-one", 1),
    ],
)
def test_a_stage_begins_where_a_result_can_change(
    copy: Copy, tmp_path: Path, name: str, line: str, count: int
) -> None:
    copy.append(name, line)
    assert len(found(copy, tmp_path)) == count


def test_by_its_own_criteria_the_code_that_judges_counts_too(copy: Copy, tmp_path: Path) -> None:
    copy.append("suite/judge/assess.py", "A = 1")
    assert len(found(copy, tmp_path, own=True)) == 2


def test_files_that_an_experiment_names_count_too(copy: Copy, tmp_path: Path) -> None:
    copy.append(OTHER, "id: small/other-one")
    copy.append(FILE, BORROWS)
    copy.append(OTHER, "title: Another")
    assert [len(stage.commits) for stage in found(copy, tmp_path)] == [2, 1, 1]


def test_what_is_taken_back_has_the_key_of_before(copy: Copy, tmp_path: Path) -> None:
    copy.append(PENALTY, "A = 1")
    copy.edit(PENALTY, "A = 1\n", "")
    first, _, last = found(copy, tmp_path)
    assert first.key == last.key
    assert last.first == copy.head


@pytest.mark.parametrize("name", [PENALTY, "suite/spec/resolve.py", "suite/store/version.py"])
def test_commits_that_are_not_python_have_stages_of_their_own(copy: Copy, tmp_path: Path, name: str) -> None:
    copy.append(name, "def (")
    copy.append("README.md", "A line")
    copy.edit(name, "def (\n", "")
    before, broken, still, mended = found(copy, tmp_path)
    assert len({before.key, broken.key, still.key}) == 3
    assert mended.key == before.key


def test_a_commit_that_lacks_a_part_has_a_stage_of_its_own(copy: Copy, tmp_path: Path) -> None:
    copy.git("rm", "-r", "--quiet", "suite/metrics")
    copy.commit("A part less")
    copy.git("revert", "--no-edit", "HEAD")
    before, broken, mended = found(copy, tmp_path)
    assert before.key == mended.key != broken.key
