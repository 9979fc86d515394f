"""The commands as a user calls them, on records in two folders."""

import json
import shlex
from pathlib import Path

import msgspec
import pytest

from suite.commands.choose import studies
from suite.store.store import Store
from suite.store.version import fingerprint
from tests.cli.calls import Answer, call, selected
from tests.compare.versions import Level, version
from tests.launch.small import write_experiments

OLD, NEW = "a" * 12, "b" * 12
PAIR = """\
id: small/pair
title: A pair of arms
paper: small2020
base:
  data: eight_gaussians
  generator: {kind: mlp, layers: 2, width: 4}
  critic: {kind: mlp, layers: 3, width: 4}
  loss: wasserstein
  optimizer: {kind: rmsprop, lr: 1e-3}
  batch_size: 4
  iterations: 20
arms:
  clip: {constraint: {kind: clip, bound: 0.1}}
metrics:
  loss: {series: losses.critic}
claims:
  above: {says: Above 1., kind: threshold, metric: loss, arm: clip, better: higher, margin: 1, looks: [6]}
scales:
  desk: {}
  smoke: {}
  gpu: {}
  paper: {}
"""


class Folders:
    """Experiments, and two versions' results."""

    def __init__(self, root: Path) -> None:
        self.root = root
        write_experiments(root, PAIR)

    @property
    def place(self) -> list[str]:
        """The options that name the folders."""
        return ["--experiments", str(self.root / "experiments"), "--results", str(self.root / "results")]

    def put(self, name: str, level: Level, *overrides: str) -> None:
        """Write a version's records, one variant's or more."""
        store = Store(self.root / "results", name)
        for study in studies(selected("compare", "a", "b", *overrides, *self.place)):
            for run_id, found in version(study, level, name=name).items():
                store.folder(run_id).finish(found)

    def call(self, command: str, *words: str) -> Answer:
        """A command on both versions."""
        sides = [f"{self.root / 'results'}@{name}" for name in (OLD, NEW)]
        return call(command, *sides, *words, *self.place)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """The older version's results are there."""
    found = Folders(tmp_path)
    found.put(OLD, lambda run: 3 + run.seed / 100)
    return found


def test_a_planted_change_is_found_and_gated(folders: Folders) -> None:
    folders.put(NEW, lambda run: -3 - run.seed / 100)
    found = folders.call("compare", "--json")
    assert (found.status, found.err) == (0, "")
    told = json.loads(found.out)
    assert told["runs"] == {"changed": 6}
    assert [(claim["id"], claim["mark"]) for claim in told["claims"]] == [
        ("small/pair:above", "verdict flipped")
    ]
    assert [each["cause"] for each in told["claims"][0]["attribution"]] == ["code"]
    gate = folders.call("gate", "pair", "--fail-on", "flipped")
    assert gate.status == 1
    assert gate.out.endswith("gate: failed\n    verdict flipped: small/pair:above\n")
    assert folders.call("gate", "--fail-on", "new-failure").status == 0


def test_a_gate_that_fails_writes_its_page(folders: Folders) -> None:
    folders.put(NEW, lambda run: -3 - run.seed / 100)
    page = folders.root / "page" / "index.html"
    gate = folders.call("gate", "--fail-on", "flipped", "--page", str(page.parent))
    assert gate.status == 1
    assert gate.out.endswith(f"\npage: {page}\n")
    assert "verdict flipped" in page.read_text()


def test_nothing_changed_passes(folders: Folders) -> None:
    folders.put(NEW, lambda run: 3 + run.seed / 100)
    found = folders.call("gate", "--fail-on", "flipped,worse,changed")
    assert (found.status, found.err) == (0, "")
    assert "6 identical" in found.out
    assert found.out.endswith("gate: passed\n")


def test_a_sweep_that_is_left_over_fails_no_gate(folders: Folders) -> None:
    folders.put(OLD, lambda run: 3.0, "batch_size=5,6")
    folders.put(NEW, lambda run: 3 + run.seed / 100)
    found = folders.call("gate", "pair", "--fail-on", "missing,new-failure")
    assert (found.status, found.err) == (0, "")
    assert "runs    6 identical\n" in found.out
    asked = folders.call("gate", "pair", "batch_size=5", "--fail-on", "missing")
    assert asked.status == 1
    assert "nothing was compared: 6 missing" in asked.out


def test_mistakes_end_with_status_2(folders: Folders) -> None:
    absent = folders.call("compare")
    assert absent.status == 2
    assert "results of version 'bbbbbbbbbbbb'" in absent.err
    folders.put(NEW, lambda run: 3.0)
    for words, told in (
        (["--fail-on", "slower"], "no rule 'slower'"),
        (["pear"], "no experiment matches 'pear'"),
    ):
        wrong = folders.call("gate", *words)
        assert (wrong.status, wrong.out) == (2, "")
        assert told in wrong.err
        assert "Traceback" not in wrong.err


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("{root}", "error: {root}: Is a directory\n"),
        ("{root}/taken/found.md", "error: {root}/taken"),
        ("", "error: argument --markdown: an empty name is no file\n"),
    ],
)
def test_a_file_that_cannot_be_written_is_told(folders: Folders, file: str, told: str) -> None:
    folders.put(NEW, lambda run: 3.0)
    (folders.root / "taken").touch()
    for command in ("compare", "gate"):
        wrong = folders.call(command, "--markdown", file.format(root=folders.root))
        assert wrong.status == 2
        assert wrong.err.startswith(told.format(root=folders.root))


@pytest.mark.parametrize("command", ["compare", "gate"])
def test_two_forms_are_not_printed_at_once(folders: Folders, command: str) -> None:
    folders.put(NEW, lambda run: 3.0)
    wrong = folders.call(command, "--json", "--markdown", "-")
    assert (wrong.status, wrong.out) == (2, "")
    assert "leave one out, or name a file" in wrong.err


def test_the_command_that_makes_a_side_is_on_the_same_folders(folders: Folders) -> None:
    old = f"{folders.root / 'results'}@{OLD}"
    wrong = call("compare", old, "now", "pair", "--data", "my data", *folders.place)
    words = shlex.join(
        ["pair", "--scale", "desk", *folders.place[:2], "--data", "my data", *folders.place[2:]]
    )
    assert wrong.status == 2
    assert f"    make them with uv run run_suite.py run {words}; versions there: " in wrong.err
    folders.put(fingerprint(), lambda run: 3.0)
    next(iter(Store(folders.root / "results", fingerprint()).folders())).record_path.unlink()
    found = call("compare", old, "now", "pair", "--data", "my data", *folders.place)
    assert f"lacks: uv run run_suite.py run {words} trains them\n" in found.out


def test_an_edited_record_is_named_and_not_compared(folders: Folders) -> None:
    folders.put(NEW, lambda run: 3 + run.seed / 100)
    path = next(iter(Store(folders.root / "results", NEW).folders())).record_path
    record = msgspec.json.decode(path.read_bytes())
    path.write_bytes(msgspec.json.encode({**record, "digest": "other"}))
    found = folders.call("compare")
    assert str(path) in found.out
    assert "1 missing, 5 identical" in found.out
