"""Tiny git repositories made of a copy of this working tree."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from suite.git import environment
from suite.revisions.git import Commit, Repository
from suite.store.version import ROOT
from tests.launch.small import PAPER

PENALTY = "suite/objectives/penalty.py"
RIGHT = "weighted = weight * beyond"
WRONG = "weighted = -weight * beyond"
FILE = "experiments/small/single.yaml"
SINGLE = """\
id: small/single
title: A penalty
paper: small2020
figure: Figure 1
base:
  data: eight_gaussians
  generator: {kind: mlp, layers: 2, width: 4}
  critic: {kind: mlp, layers: 3, width: 4}
  loss: wasserstein
  optimizer: {kind: rmsprop, lr: 1e-3}
  batch_size: 4
  iterations: 2
arms:
  penalty: {constraint: {kind: gradient_penalty}}
metrics:
  loss: {series: losses.critic, says: critic loss}
claims:
  positive:
    says: The loss is above 0 more often than not.
    kind: rate
    metric: loss
    arm: penalty
    better: higher
    cut: 0
    margin: 0.5
    looks: [6]
figures:
  losses: {kind: seeds, title: Losses, y: loss}
scales: {smoke: {}, desk: {}, gpu: {}, paper: {}}
"""
"""Six runs of a few milliseconds; a penalty of the wrong sign makes the loss negative."""


class Copy(NamedTuple):
    """A git repository in a temporary folder."""

    root: Path

    @property
    def repository(self) -> Repository:
        """The same for the code under test."""
        return Repository(self.root)

    @property
    def results(self) -> Path:
        """Its folder of results."""
        return self.root / "results"

    @property
    def head(self) -> Commit:
        """The newest commit."""
        return self.repository.commit("HEAD")

    def edit(self, name: str, old: str, new: str, subject: str = "An edit") -> Commit:
        """Change one place of a file, and commit that."""
        path = self.root / name
        text = path.read_text()
        assert text.count(old) == 1, old
        path.write_text(text.replace(old, new))
        return self.commit(subject)

    def append(self, name: str, line: str, subject: str = "A line") -> Commit:
        """Add a line to a file, and commit that."""
        with (self.root / name).open("a") as file:
            file.write(f"{line}\n")
        return self.commit(subject)

    def commit(self, subject: str) -> Commit:
        """Commit all there is."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", subject)
        return self.head

    def git(self, *words: str) -> str:
        """A git command in there, with nothing of this machine's settings."""
        nobody = {
            f"GIT_{role}_{what}": value
            for role in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "A. Author"), ("EMAIL", "author@example.org"))
        }
        alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        command = ["git", "-C", str(self.root), *words]
        variables = {**environment(), **nobody, **alone}
        return subprocess.run(command, check=True, capture_output=True, text=True, env=variables).stdout


WHOLE = ("suite", "run_suite.py", ".gitignore")
SMALL = (PENALTY, "suite/errors.py", "suite/cli.py", "run_suite.py")


def copied(root: Path, parts: Sequence[str] = WHOLE, experiment: str = SINGLE) -> Copy:
    """A repository of one commit: parts of this code, and one experiment, small/single."""
    for part in parts:
        (root / part).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(ROOT / part, root / part)
    (root / FILE).parent.mkdir(parents=True)
    (root / FILE).write_text(experiment)
    (root / FILE).with_name("paper.yaml").write_text(PAPER)
    copy = Copy(root)
    copy.git("init", "--quiet", "--initial-branch", "main")
    copy.commit("The beginning")
    return copy
