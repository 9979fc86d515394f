"""The wheel, made from the sdist, works from an empty folder: it finds what it brings, and writes there."""

import gzip
import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
import yaml

from suite.store.record import Code
from suite.store.reference import FILE, place, read_reference, releases
from suite.store.seal import sealed
from suite.store.store import Store
from suite.store.version import ROOT

EXPERIMENT = "wgan-gp/gradient-norms"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ASK = "import sys; sys.path[:0] = sys.argv[1:]; from suite.store import version; print(version.fingerprint())"
CALL = "import sys; sys.path.insert(0, sys.argv.pop(1)); from suite.cli import main; sys.exit(main())"


class Installed(NamedTuple):
    """An unpacked wheel, and an empty folder in another's git repository."""

    site: Path
    folder: Path

    def __call__(self, *words: str) -> str:
        """What a command prints; it must succeed."""
        done = self.run(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Call it as the console script does."""
        command = [sys.executable, "-c", CALL, str(self.site), *words]
        variables = {name: value for name, value in os.environ.items() if name != "WGAN_SUITE_DATA"}
        return subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False, env=variables
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel as ``uv build`` makes it."""
    if shutil.which("uv") is None:
        pytest.skip("no uv on the path")
    place = tmp_path_factory.mktemp("installed")
    subprocess.run(["uv", "build", "-q", "-o", str(place / "dist")], cwd=ROOT, check=True)
    (wheel,) = (place / "dist").glob("*.whl")
    assert list((place / "dist").glob("*.tar.gz"))
    folder = place / "project" / "empty"
    folder.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(place / "project")], check=True)
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(place / "project" / "lib" / "site")
    return Installed(place / "project" / "lib" / "site", folder)


def test_the_console_script_is_the_command_line(installed: Installed) -> None:
    (entries,) = installed.site.glob("*.dist-info/entry_points.txt")
    assert "run_suite = suite.cli:main" in entries.read_text(encoding="utf-8")
    assert installed("--help").startswith("usage: run_suite ")


def test_experiments_profiles_and_data_are_found(installed: Installed) -> None:
    listed = {each["id"] for each in json.loads(installed("list", "--json"))}
    assert EXPERIMENT in listed
    assert len(listed) == len(list((ROOT / "experiments").glob("*/*.yaml"))) - len(
        list((ROOT / "experiments").glob("*/paper.yaml"))
    )
    assert "run_suite data mnist --download" in installed("data")
    assert str(installed.folder / "data") in installed("data", "--json")
    assert json.loads(installed("plan", EXPERIMENT, "--json"))["studies"][0]["runs"]


@pytest.mark.slow
def test_it_trains_reports_and_compares(installed: Installed) -> None:
    installed("run", EXPERIMENT, "--scale", "smoke", "--workers", "1", "--quiet")
    page = (installed.folder / "results" / "report" / "smoke" / "index.html").read_text(encoding="utf-8")
    assert "run_suite run wgan-gp/gradient-norms --scale smoke" in page
    record = next((installed.folder / "results" / "runs").rglob("record.json"))
    code = json.loads(record.read_bytes())["code"]
    assert code == {"fingerprint": record.parents[1].name, "commit": ""}
    assert not (installed.site / "suite" / "shipped" / "results" / "runs").exists()


@pytest.mark.slow
def test_what_is_there_is_compared_with_the_reference_that_came_with_it(installed: Installed) -> None:
    store = Store(installed.folder / "results", fingerprint_of(installed))
    for name, record in read_reference(ROOT / "results").records.items():
        if record.run.experiment == EXPERIMENT:
            own = msgspec.structs.replace(record, code=Code(store.fingerprint, ""))
            store.folder(name).finish(sealed(own))
    for side in ("reference", f"reference@{releases(ROOT / 'results')[-1]}"):
        assert "6 identical" in installed("compare", side, "now", EXPERIMENT)
    assert "6 reproduced" in installed("report", EXPERIMENT)


def fingerprint_of(installed: Installed) -> str:
    """That of the code in the wheel, by itself."""
    command = [sys.executable, "-c", ASK, str(installed.site)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_revisions_need_a_checkout(installed: Installed) -> None:
    done = installed.run("compare", "HEAD", "now")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error: an installed suite has no revisions\n    clone its repository, and compare them there\n"
    )


def test_the_references_in_the_wheel_are_whole(installed: Installed) -> None:
    shipped = installed.site / "suite" / "shipped" / "results"
    assert releases(shipped) == releases(ROOT / "results")
    for name in releases(shipped):
        packed, here = (place(results, name) / FILE for results in (shipped, ROOT / "results"))
        assert gzip.decompress(packed.read_bytes()) == gzip.decompress(here.read_bytes())


def test_the_citation_is_of_this_version_and_of_every_paper() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == PROJECT["version"]
    papers = [yaml.safe_load(path.read_text()) for path in (ROOT / "experiments").glob("*/paper.yaml")]
    assert {paper["url"] for paper in papers} <= {each["url"] for each in citation["references"]}
