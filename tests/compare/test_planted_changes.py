"""A change of each kind, planted in a copy of this code, trained by the copy's own command line and
compared: it is found, put down to its cause, and nothing else is marked.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.revisions.repositories import FILE, PENALTY, RIGHT, WRONG, Copy, copied

SEEDS = 6
EXPERIMENT = f"""\
id: small/single
title: Two constraints
paper: small2020
base:
  data: eight_gaussians
  generator: {{kind: mlp, layers: 2, width: 8}}
  critic: {{kind: mlp, layers: 3, width: 8}}
  loss: wasserstein
  optimizer: {{kind: rmsprop, lr: 5e-3}}
  batch_size: 8
  iterations: 20
  probes: {{quality: {{points: 1, samples: 64, mode_samples: 64}}}}
arms:
  clip: {{constraint: {{kind: clip, bound: 0.01}}, optimizer: {{lr: 5e-2}}}}
  penalty: {{constraint: {{kind: gradient_penalty}}}}
metrics:
  loss: {{series: losses.critic}}
  swing: {{series: losses.generator, reduce: deviation, window: 20}}
  distance: {{series: quality.w1}}
claims:
  clipped:
    says: A clipped critic hardly moves the generator's loss.
    kind: threshold
    metric: swing
    arm: clip
    better: lower
    margin: 0.01
    looks: [{SEEDS}]
  penalised:
    says: A penalised critic's loss is above 1.
    kind: threshold
    metric: loss
    arm: penalty
    better: higher
    margin: 1
    looks: [{SEEDS}]
  close:
    says: The samples are close to the data.
    kind: threshold
    metric: distance
    arm: penalty
    better: lower
    margin: 3
    looks: [{SEEDS}]
scales: {{smoke: {{}}, desk: {{}}, gpu: {{}}, paper: {{}}}}
"""
CLAIMS = ("clipped", "penalised", "close")
RECORDS = "runs/*/*/record.json"
SUBJECT = "A planted change"


class Change(NamedTuple):
    """What is planted, and what a comparison must tell."""

    file: str
    old: str
    new: str
    trained: int
    """Runs that are trained again for it."""
    arms: Mapping[str, str] = {}
    """The marks of the runs of each arm; those of the others are identical."""
    claims: Mapping[str, str] = {}
    """The claims' marks and notes; the others are identical."""
    causes: Mapping[str, tuple[str, ...]] = {}
    """The only causes of all that, each with patterns of what exactly differs; COMMIT is the planted one."""
    first: int | None = None
    """From which iteration on the series part."""


CODE = {"code": ("[0-9a-f]{12} -> [0-9a-f]{12}", f"COMMIT {SUBJECT}")}
CHANGED = "changed but not significant"
AFTER_THE_STEP = """\
    if not held:
        state.critic_optimizer.step(state.critic, gradient.flat, state.critic_count)
    step = None if before is None else before - state.critic
    if not held:
        confine(cohort, state.critic, limits)
"""
BEFORE_THE_STEP = """\
    if not held:
        confine(cohort, state.critic, limits)
        state.critic_optimizer.step(state.critic, gradient.flat, state.critic_count)
    step = None if before is None else before - state.critic
"""
PLANTED = {
    "a sign error in the penalty": Change(
        PENALTY,
        RIGHT,
        WRONG,
        trained=12,
        arms={"penalty": "changed"},
        claims={
            "penalised": "verdict flipped: reproduced -> refuted",
            "close": "better: inconclusive -> reproduced",
        },
        causes=CODE,
        first=1,
    ),
    "BatchNorm in a critic": Change(
        FILE,
        "penalty: {constraint: {kind: gradient_penalty}}",
        "penalty: {constraint: {kind: gradient_penalty}, critic: {normalization: batch}}",
        trained=6,
        arms={"penalty": "not comparable"},
        claims={"penalised": "not comparable: spec", "close": "not comparable: spec"},
        causes={"spec": ("critic.normalization: none -> batch",)},
    ),
    "clipping before the step": Change(
        "suite/training/loop.py",
        AFTER_THE_STEP,
        BEFORE_THE_STEP,
        trained=12,
        arms={"clip": "changed"},
        claims={"clipped": "verdict flipped: reproduced -> refuted"},
        causes=CODE,
        first=1,
    ),
    "another seed stream": Change(
        "suite/streams.py",
        'name = f"{key}',
        'name = f"another{key}',
        trained=12,
        arms={"clip": "changed", "penalty": "changed"},
        claims={"clipped": "within noise", "penalised": CHANGED, "close": CHANGED},
        causes=CODE,
        first=0,
    ),
    "another tolerance in a claim": Change(
        FILE,
        "margin: 1\n",
        "margin: 2\n",
        trained=0,
        claims={"penalised": "not comparable: criterion"},
        causes={"spec": ("rule of the claim: [0-9a-f]{12} -> [0-9a-f]{12}",)},
    ),
    "a comment": Change(PENALTY, "def penalty(", "# A comment.\ndef penalty(", trained=0),
    "another sample count of a metric": Change(
        FILE,
        "samples: 64, mode",
        "samples: 128, mode",
        trained=12,
        arms={"clip": "not comparable", "penalty": "not comparable"},
        claims=dict.fromkeys(CLAIMS, "not comparable: protocol"),
        causes={"protocol": ("probes.quality.samples: 64 -> 128",)},
    ),
}

pytestmark = pytest.mark.slow


def call(copy: Copy, *words: str, **variables: str) -> str:
    """What a command of a copy's own prints."""
    command = [sys.executable, str(copy.root / "run_suite.py"), *words]
    given = {**os.environ, "OMP_NUM_THREADS": "1", **variables}
    done = subprocess.run(command, cwd=copy.root, env=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def train(copy: Copy, results: str = "results", **variables: str) -> list[Path]:
    """Train what is missing; the records that are new."""
    known = {path: path.read_bytes() for path in (copy.root / results).glob(RECORDS)}
    call(copy, "run", "--workers", "1", "--quiet", "--no-report", "--results", results, **variables)
    assert all(path.read_bytes() == content for path, content in known.items())
    return sorted({*(copy.root / results).glob(RECORDS)} - known.keys())


def compared(copy: Copy, before: str, after: str) -> dict[str, Any]:
    """What ``compare --json`` prints."""
    found: dict[str, Any] = json.loads(call(copy, "compare", before, after, "--json"))
    return found


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A repository of one commit, all its runs trained; not to be changed."""
    copy = copied(tmp_path_factory.mktemp("trained") / "repository", experiment=EXPERIMENT)
    assert len(train(copy)) == 2 * SEEDS
    return copy


@pytest.fixture
def copy(trained: Copy, tmp_path: Path) -> Copy:
    """One that may be."""
    shutil.copytree(trained.root, tmp_path / "repository")
    return Copy(tmp_path / "repository")


def arms(runs: Iterable[Mapping[str, Any]]) -> Counter[tuple[str, str]]:
    """How many runs there are of each arm and mark."""
    return Counter((run["id"].split(".")[2], run["mark"]) for run in runs)


def marks(claims: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The marks of claims with notes, identical ones left out. How many seeds would tell is not noted."""
    notes = {claim["id"].partition(":")[2]: claim for claim in claims if claim["mark"] != "identical"}
    return {
        name: claim["mark"]
        if not claim["note"] or "seeds" in claim["note"]
        else f"{claim['mark']}: {claim['note']}"
        for name, claim in notes.items()
    }


def check_causes(
    changed: Iterable[Mapping[str, Any]], causes: Mapping[str, tuple[str, ...]], commit: str
) -> None:
    """That all that has changed is put down to these causes, and these differences."""
    for each in changed:
        assert [reason["cause"] for reason in each["attribution"]] == list(causes)
        for reason in each["attribution"]:
            patterns = [pattern.replace("COMMIT", commit) for pattern in causes[reason["cause"]]]
            assert len(reason["what"]) == len(patterns)
            for pattern, what in zip(patterns, reason["what"], strict=True):
                assert re.fullmatch(pattern, what), what


@pytest.mark.parametrize("change", PLANTED.values(), ids=PLANTED.keys())
def test_it_is_found_and_put_down_to_its_cause(copy: Copy, change: Change) -> None:
    commit = copy.edit(change.file, change.old, change.new, SUBJECT)
    assert len(train(copy)) == change.trained
    told = compared(copy, "HEAD~1", "now")
    changed = told["changed_runs"]
    assert told["left_over"] == 0
    assert arms(changed) == Counter(dict.fromkeys(change.arms.items(), SEEDS))
    assert told["runs"].get("identical", 0) == SEEDS * (2 - len(change.arms))
    assert marks(told["claims"]) == change.claims
    assert len(told["claims"]) == len(CLAIMS)
    moved = [claim for claim in told["claims"] if claim["mark"] != "identical"]
    check_causes([*changed, *moved], change.causes, commit.short)
    firsts = [run["deviation"]["first"] for run in changed if run["deviation"] is not None]
    assert firsts == ([] if change.first is None else [change.first] * len(changed))


TORCH = """\
import sys
from pathlib import Path

FOLDER = str(Path(__file__).parents[1])
sys.path.remove(FOLDER)
del sys.modules["torch"]
import torch

torch.Tensor.sqrt_ = lambda self: self.log_().mul_(0.5).exp_()
sys.path.insert(0, FOLDER)
"""
METADATA = "Metadata-Version: 2.1\nName: torch\nVersion: 99.0\n"


def other_torch(folder: Path) -> Path:
    """A package named torch, of version 99.0, to be put before the one that is installed. It is that one
    with another square root, exp(log(x) / 2), which rounds otherwise: as between two true versions the
    last bits of an operation differ.
    """
    (folder / "torch").mkdir(parents=True)
    (folder / "torch" / "__init__.py").write_text(TORCH)
    (folder / "torch-99.0.dist-info").mkdir()
    (folder / "torch-99.0.dist-info" / "METADATA").write_text(METADATA)
    return folder


def test_another_pytorch_is_environment(copy: Copy, tmp_path: Path) -> None:
    """It stands in for another PyTorch: installing one takes a gigabyte. The code is the same, so the results
    lie in another folder; docs/compare.md tells what two true versions came to.
    """
    packages = other_torch(tmp_path / "packages")
    assert len(train(copy, "other", PYTHONPATH=str(packages))) == 2 * SEEDS
    told = compared(copy, "results", "other")
    changed = told["changed_runs"]
    assert (
        arms(changed)["penalty", "changed"]
        == told["runs"]["changed"] - arms(changed)["clip", "changed"]
        == SEEDS
    )
    assert {**marks(told["claims"]), "clipped": ""} == {
        "clipped": "",
        "penalised": "within noise",
        "close": "within noise",
    }
    assert all(0 < run["deviation"]["largest"] < 1e-4 for run in changed)
    moved = [claim for claim in told["claims"] if claim["mark"] != "identical"]
    check_causes([*changed, *moved], {"environment": (f"torch {version('torch')} -> 99[.]0",)}, "")
