"""A release agrees with itself: the checks of .ci/release.py, on this checkout and on small ones."""

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from suite.spec.schema import Scale
from suite.store.record import Code
from suite.store.reference import FILE, Made, place, write_reference
from suite.store.seal import sealed
from suite.store.version import ROOT, fingerprint
from tests.launch.records import record
from tests.training.settings import run

CODE = "f" * 12
CHANGELOG = f"# Log\n\n## 0.2.0 (2026-11-30)\n\n### Results\n\n- `{CODE}`: faster\n\n## 0.1.0 (2026-11-01)\n"
CITATION = "version: 0.2.0\ndate-released: 2026-11-30\n"


def loaded() -> ModuleType:
    path = ROOT / ".ci" / "release.py"
    spec = importlib.util.spec_from_file_location("release", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


release = loaded()


def git(folder: Path, *words: str) -> None:
    as_somebody = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", "-C", str(folder), *as_somebody, *words], check=True, capture_output=True)


def reference(folder: Path, name: str, patch: str = "", scale: Scale = "desk", code: str = CODE) -> Path:
    of = sealed(msgspec.structs.replace(record(), code=Code(code, "commit", patch)))
    return write_reference(folder / "results", Made(name, scale, code, (), {run().id: of}, ""), force=True)


def commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "something")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout of release 0.2.0, right before its tag; 0.1.0 has one."""
    git(tmp_path, "init", "-q")
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "0.2.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG)
    (tmp_path / "CITATION.cff").write_text(CITATION)
    reference(tmp_path, "0.1.0")
    commit(tmp_path)
    git(tmp_path, "tag", "v0.1.0")
    reference(tmp_path, "0.2.0")
    commit(tmp_path)
    return tmp_path


def told(folder: Path, *, final: bool = False, code: str = CODE) -> list[str]:
    return release.faults(release.Tree(folder, code), final=final)


def edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new))

    return do


def unreleased(folder: Path) -> None:
    edit("CHANGELOG.md", "(2026-11-30)", "(unreleased)")(folder)
    edit("CITATION.cff", "date-released: 2026-11-30\n", "")(folder)


def test_this_checkout_agrees() -> None:
    assert told(ROOT, code=fingerprint()) == []


def test_a_release_agrees(tree: Path) -> None:
    assert told(tree, final=True) == []
    git(tree, "tag", "v0.2.0")
    assert told(tree, final=True) == []


def test_between_releases_the_reference_may_be_the_last_ones(tree: Path) -> None:
    unreleased(tree)
    (place(tree / "results", "0.2.0") / FILE).unlink()
    assert told(tree) == []
    (first, *rest) = told(tree, final=True)
    assert first.startswith("CHANGELOG.md: 0.2.0 is unreleased\n    ## 0.2.0 (20")
    assert [each.partition("\n")[0] for each in rest] == ["uncommitted changes, or no git checkout"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            edit("pyproject.toml", "0.2.0", "0.3.0"),
            "CHANGELOG.md begins with 0.2.0, pyproject.toml has 0.3.0\n    begin it with: ## 0.3.0",
        ),
        (
            edit("CITATION.cff", "0.2.0", "0.1.0"),
            "CITATION.cff is of 0.1.0, pyproject.toml has 0.2.0\n    say there: version: 0.2.0",
        ),
        (
            edit("CITATION.cff", "30", "29"),
            "CITATION.cff is 2026-11-29, CHANGELOG.md has 2026-11-30\n    date-released: 2026-11-30",
        ),
        (
            edit("CHANGELOG.md", "2026-11-30", "unreleased"),
            "CITATION.cff is 2026-11-30, CHANGELOG.md has unreleased\n    leave date-released out",
        ),
        (
            edit("CHANGELOG.md", "2026-11-01", "unreleased"),
            "CHANGELOG.md: 0.1.0 (unreleased) has no date\n    ## 0.1.0 (2026-11-30)",
        ),
        (
            edit("CHANGELOG.md", "## 0.1.0", "## 0.10.0"),
            "CHANGELOG.md: releases stand as 0.2.0, 0.10.0\n    each once, the newest first",
        ),
        (
            lambda folder: reference(folder, "0.2.0", scale="paper", code="d" * 12),
            f'CHANGELOG.md: nothing under "Results" on {"d" * 12}, the code of the reference\n    - `',
        ),
        (
            edit("CHANGELOG.md", CODE, "e" * 12),
            f'CHANGELOG.md: nothing under "Results" on {CODE}, the code of the reference\n    - `{CODE}`: ',
        ),
        (
            lambda folder: (place(folder / "results", "0.2.0") / FILE).unlink(),
            "results/reference: the newest is 0.1.0, not 0.2.0\n    uv run run_suite.py reference",
        ),
        (
            lambda folder: reference(folder, "0.1.0", "another"),
            "0.1.0: not as it was released\n    git checkout v0.1.0 -- results/reference/0.1.0",
        ),
        (
            lambda folder: reference(folder, "0.0.9"),
            "results/reference/0.0.9/desk: of release 0.0.9, 0 records cannot be read here\n",
        ),
        (
            lambda folder: (place(folder / "results", "0.2.0") / FILE).write_bytes(b"no"),
            "records.jsonl.gz: Not a gzipped file",
        ),
    ],
)
def test_what_disagrees_is_told_with_its_cure(
    tree: Path, change: Callable[[Path], object], fault: str
) -> None:
    change(tree)
    assert sum(fault in each for each in told(tree)) == 1
    assert all("\n    " in each for each in told(tree))


@pytest.mark.parametrize(
    ("change", "code", "fault"),
    [
        (unreleased, CODE, "CHANGELOG.md: 0.2.0 is unreleased\n    ## 0.2.0 (20"),
        (lambda _: None, "e" * 12, f"results/reference: of code {CODE}, and this is {'e' * 12}\n"),
        (
            lambda folder: reference(folder, "0.2.0", "patch"),
            CODE,
            "results/reference: 1 runs of uncommitted",
        ),
        (lambda folder: (folder / "stray").touch(), CODE, "uncommitted changes, or no git checkout\n"),
        (
            lambda folder: (git(folder, "tag", "v0.2.0"), commit(folder)),
            CODE,
            "v0.2.0 is another commit\n    raise the version in pyproject.toml",
        ),
    ],
)
def test_a_tag_needs_more(tree: Path, change: Callable[[Path], object], code: str, fault: str) -> None:
    change(tree)
    assert not any(fault in each for each in told(tree, code=code))
    assert any(each.startswith(fault) for each in told(tree, code=code, final=True))


def test_results_of_larger_scales_may_be_of_older_code(tree: Path) -> None:
    """They take days; the changelog tells of that code too."""
    edit("CHANGELOG.md", f"- `{CODE}`: faster\n", f"- `{CODE}`: faster\n- `{'d' * 12}`: as well\n")(tree)
    reference(tree, "0.2.0", scale="paper", code="d" * 12)
    commit(tree)
    assert told(tree, final=True) == []


def test_the_command_ends_with_a_status(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(release, "ROOT", tree)
    monkeypatch.setattr(release, "fingerprint", lambda: CODE)
    assert release.main(["--final"]) == 0
    assert capsys.readouterr().out == "0.2.0 (2026-11-30), references of 0.1.0/desk, 0.2.0/desk: all agrees\n"
    edit("CITATION.cff", "0.2.0", "0.1.0")(tree)
    assert release.main([]) == 1
    assert capsys.readouterr().out.startswith("CITATION.cff is of 0.1.0")


def test_it_is_a_program() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / ".ci" / "release.py")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
