"""Seconds that a launch of many runs takes, and `status` over them, on a fake SLURM.

Each command is a process of its own, as a user starts it. The fake scheduler of the tests answers
at once, so that what is measured is the suite (and submitit, and what starting sbatch costs). The
processor's time is that of all processes, the fake's own included.

    uv run python benchmarks/cluster.py [--runs 10000]
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from suite.cli import parse  # noqa: E402
from suite.commands.choose import store, studies  # noqa: E402
from suite.commands.selection import Selection  # noqa: E402
from suite.store.record import Code, Cost, Environment, Outcome, Record  # noqa: E402
from tests.cluster.fake.slurm import FakeSlurm  # noqa: E402
from tests.launch.small import PAIR, write_experiments  # noqa: E402

PROFILES = {
    "bundled into jobs of half an hour": "max_jobs: 1000000\n",
    "a job each": "max_jobs: 1000000\nreplicas: 1\ntarget: 1s\nspeed: 0.000001\n",
}
LEVELS = 400
"""Of one experiment, which may have a thousand conditions."""
ENVIRONMENT = Environment(
    python="", platform="", processor="", cores=1, device="cpu", threads=1, deterministic=True, packages={}
)


def write_many(folder: Path, runs: int) -> None:
    """Experiments of two arms at up to ``LEVELS`` levels, three seeds each."""
    levels = range(4, 4 + max(runs // 6, 1))
    experiments = write_experiments(folder)
    (experiments / "small" / "pair.yaml").unlink()
    for first in range(0, len(levels), LEVELS):
        some = ", ".join(map(str, levels[first : first + LEVELS]))
        factor = f"factors:\n  size: {{at: batch_size, values: [{some}]}}\nmetrics:\n"
        text = PAIR.replace("iterations: 20\n", "iterations: 20000\n").replace("metrics:\n", factor)
        text = text.replace("small/pair", f"small/pair-{first}")
        where = f"    better: higher\n    where: {{size: {levels[first]}}}\n"
        text = text.replace("    better: higher\n", where)
        (experiments / "small" / f"pair-{first}.yaml").write_text(text)


def row(slurm: FakeSlurm, what: str, words: Sequence[str]) -> str:
    """Run a command; how long it took."""
    begin, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, str(ROOT / "run_suite.py"), *words],
        env=os.environ | slurm.environment,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    seconds, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    work = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return f"| {what} | {seconds:.1f} | {work:.1f} |"


def finish(words: Sequence[str], every: int) -> int:
    """Give every so manieth run a record; how many got one."""
    selection = Selection.of(parse(words))
    place = store(selection)
    runs = [run for study in studies(selection) for run in study.first_runs()][::every]
    for run in runs:
        record = Record(
            run=run,
            code=Code(place.fingerprint, ""),
            environment=ENVIRONMENT,
            started="",
            ended="",
            outcome=Outcome("finished"),
            cost=Cost(1.0, 1.0, 1),
        )
        place.folder(run.id).finish(record)
    return len(runs)


def measure(profile: str, wanted: int) -> None:
    """Print the table of one profile."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        slurm = FakeSlurm(folder / "cluster")
        slurm.set(max_jobs=1_000_000)
        write_many(folder, wanted)
        (folder / "here.yaml").write_text(profile)
        place = ["--experiments", str(folder / "experiments"), "--results", str(folder / "results")]
        launch = ["launch", *place, "--cluster", str(folder / "here.yaml")]
        status = ["status", *place]
        print("| command | seconds | of a processor |\n|---|---|---|")
        print(row(slurm, "launch", launch))
        *arrays, _ = slurm.arrays()
        jobs = sum(len(array.names()) for array in arrays)
        print(row(slurm, f"launch again: {jobs} jobs in {len(arrays)} arrays wait", launch))
        print(row(slurm, "status", status))
        done = finish(status, every=2)
        print(row(slurm, f"status, {done} runs finished", status))
        print(row(slurm, "status --json, the same", [*status, "--json"]))
        slurm.end_all(state="TIMEOUT")
        print(row(slurm, "status, the others lost", status))
        print(row(slurm, "launch of the lost ones", launch))
        print(row(slurm, "cancel", ["cancel", *place]), flush=True)


def main() -> None:
    """Print a table a profile."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    wanted = parser.parse_args().runs
    for title, profile in PROFILES.items():
        print(f"\n{wanted} runs, {title}\n")
        measure(profile, wanted)


if __name__ == "__main__":
    main()
