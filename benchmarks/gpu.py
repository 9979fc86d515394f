"""On a GPU: what 64 replicas cost beside one, and whether replayed iterations are the direct ones.

The first is Figure 1b of WGAN-GP at the paper's width (twelve layers of 512, batches of 256): seconds of an
iteration of 64 replicas over those of one, and of direct iterations over replayed ones, medians of
alternating rounds. --check trains a small run of each family of settings both ways, and on the CPU, and
says how far apart the parameters are; it fails where an iteration could not be recorded, where replayed ones
are not the direct ones, or where a GPU's parameters go another way than a CPU's. --drawing needs no GPU: how
fast one would have to be before it waits for one core's drawing. Without a GPU the others end with
status 2.

    uv run python benchmarks/gpu.py [--quick | --check | --drawing SCALE]
"""

import argparse
import statistics
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from suite.cli import parse  # noqa: E402
from suite.commands.choose import studies  # noqa: E402
from suite.commands.selection import Selection  # noqa: E402
from suite.launch.flops import flops_of_run  # noqa: E402
from suite.spec.runs import Run  # noqa: E402
from suite.spec.schema import Probes  # noqa: E402
from suite.training import replay  # noqa: E402
from suite.training.cohort import Cohort  # noqa: E402
from suite.training.draws import BLOCK, critic_draws, generator_draws  # noqa: E402
from suite.training.loop import train  # noqa: E402
from suite.training.machine import set_up  # noqa: E402
from suite.training.replay import Direct  # noqa: E402
from suite.training.state import State, start  # noqa: E402
from tests.training.families import FAMILIES, runs_of  # noqa: E402

CUDA, CPU = torch.device("cuda"), torch.device("cpu")
FIGURE = "wgan-gp/gradient-norms"
ARMS = ("clip 0.1", "penalty")
SETTLED = 2 * BLOCK
"""Iterations before the clock starts: libraries are set up, and an iteration is recorded."""
TOLERANCE = 1e-4
"""Between direct and replayed iterations, which are of the same kernels."""
ALIKE = 0.5
"""Share of the way that parameters went, by which a GPU's may be apart from a CPU's. Where a gradient is next
to zero its rounding decides the direction of a whole step; wrong gradients have nothing in common.
"""


def runs(name: str, arm: str, replicas: int, iterations: int) -> list[Run]:
    """Runs of an arm at the paper's scale, but for their number and length, and not probed."""
    (study,) = studies(Selection.of(parse(["report", "--scale", "paper", name])))
    first = next(run for run in study.first_runs() if run.arm == arm)
    setting = msgspec.structs.replace(first.setting, iterations=iterations, probes=Probes())
    return [msgspec.structs.replace(first, setting=setting, seed=seed) for seed in range(replicas)]


@contextmanager
def directly() -> Iterator[None]:
    """Iterations are run one by one."""
    usual = replay.steps
    replay.steps = lambda cohort, state, work: Direct(work)
    try:
        yield
    finally:
        replay.steps = usual


def seconds(of: list[Run], device: torch.device) -> float:
    """Seconds of an iteration, drawing and all."""
    clock: dict[int, float] = {}

    def look(state: State) -> None:
        if state.iteration in (SETTLED, of[0].setting.iterations):
            state.critic.sum().item()  # What was asked for is done.
            clock[state.iteration] = time.perf_counter()

    cohort = Cohort.of(of, device)
    train(cohort, start(cohort), look)
    (first, begun), (last, ended) = sorted(clock.items())
    return (ended - begun) / (last - first)


def figures(*, quick: bool, device: torch.device = CUDA) -> Iterator[tuple[str, float]]:
    """Each ratio by its name."""
    iterations, rounds = SETTLED + (10 if quick else 100), 1 if quick else 5
    for arm in ARMS:
        one, many = (runs(FIGURE, arm, replicas, iterations) for replicas in (1, 64))
        costs, gains = [], []
        for _ in range(rounds):
            alone = seconds(one, device)
            costs.append(seconds(many, device) / alone)
            with directly():
                gains.append(seconds(one, device) / alone)
        shape = f"{arm}, width 512, 12 layers, batch 256"
        yield f"{shape}: 64 replicas / 1", statistics.median(costs)
        yield f"{shape}, 1 replica: direct / replayed", statistics.median(gains)


def check(device: torch.device = CUDA) -> Iterator[tuple[str, float, float]]:
    """By family, the largest difference of a parameter between direct and replayed iterations, and how far
    apart two devices are, as a share of the way that parameters went. UserWarning where an iteration is not
    recorded.
    """
    for family in FAMILIES:
        begun = parameters(family, CPU, trained=False)
        with directly():
            direct = parameters(family, device)
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            replayed = parameters(family, device)
        yield family, difference(direct, replayed), apart(begun, parameters(family, CPU), replayed)


def parameters(family: str, device: torch.device, *, trained: bool = True) -> torch.Tensor:
    """Of both networks [replicas, parameters], at the start or the end."""
    cohort = Cohort.of(runs_of(family), device)
    state = start(cohort)
    if trained:
        train(cohort, state, lambda _: None)
    return torch.cat([state.critic, state.generator], dim=1).cpu()


def apart(begun: torch.Tensor, one: torch.Tensor, other: torch.Tensor) -> float:
    """The distance of two ends as a share of the way to the first, where both are numbers; infinite where one
    is and the other is not.
    """
    if difference(one, other) == float("inf"):
        return float("inf")
    there = one.isfinite()
    return float((other - one)[there].norm() / (one - begun)[there].norm())


def difference(one: torch.Tensor, other: torch.Tensor) -> float:
    """The largest, where both are numbers; infinite where one is and the other is not."""
    if not torch.equal(one.isfinite(), other.isfinite()):
        return float("inf")
    return float((one - other).nan_to_num(0.0).abs().max())


def drawing(scale: str) -> Iterator[tuple[str, float]]:
    """For toy studies, operations a second that one core's drawing is enough for."""
    for study in studies(Selection.of(parse(["report", "--scale", scale, "--tag", "toy"]))):
        run = study.first_runs()[0]
        operations = flops_of_run(run.setting) / max(run.setting.iterations, 1)
        if operations:
            yield f"{study.name}, {run.arm}", operations / min(drawing_seconds(run) for _ in range(3))


def drawing_seconds(run: Run) -> float:
    """Of this thread, for the draws of an iteration."""
    cohort = Cohort.of([run], CPU)
    begun = time.thread_time()
    critic_draws(cohort, 0), generator_draws(cohort, 0)
    return (time.thread_time() - begun) / BLOCK


def main() -> int:
    """Print what is asked for; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--check", action="store_true", help="replayed iterations against direct ones")
    parser.add_argument("--drawing", metavar="SCALE", help="how fast a GPU the drawing is enough for")
    options = parser.parse_args()
    set_up()
    if options.drawing:
        print("| study, arm | TFLOP/s |\n|---|---|")
        for name, rate in drawing(options.drawing):
            print(f"| {name} | {rate / 1e12:.2g} |", flush=True)
        return 0
    if not torch.cuda.is_available():
        print("gpu.py: torch sees no GPU here: nothing was measured, nothing checked", file=sys.stderr)
        return 2
    return report_check() if options.check else report_figures(quick=options.quick)


def report_figures(*, quick: bool) -> int:
    """Print the ratios."""
    print(f"{torch.cuda.get_device_name()}\n\n| ratio | now |\n|---|---|")
    for name, ratio in figures(quick=quick):
        print(f"| {name} | {ratio:.3g} |", flush=True)
    return 0


def report_check() -> int:
    """Print the differences; status 1 where they are too large, or nothing was recorded."""
    ways, devices = [0.0], [0.0]
    print("| family | direct and replayed | GPU and CPU |\n|---|---|---|")
    for family, way, across in check():
        ways.append(way)
        devices.append(across)
        print(f"| {family} | {way:.1e} | {across:.1e} |", flush=True)
    print(f"\nlargest difference of direct and replayed: {max(ways):.1e} (at most {TOLERANCE:.0e})")
    print(f"largest share by which GPU and CPU are apart: {max(devices):.1e} (at most {ALIKE:g})")
    return int(max(ways) > TOLERANCE or max(devices) > ALIKE)


if __name__ == "__main__":
    sys.exit(main())
