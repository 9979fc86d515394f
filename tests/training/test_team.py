"""Two processes that share each batch train as one does, fail as one, and stop as one."""

import multiprocessing as mp
import os
import signal
import socket
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from suite.errors import UserError
from suite.launch import heartbeat, perform, pool, records
from suite.launch.job import Job
from suite.launch.worker import DONE, LEFT, work
from suite.spec import schema
from suite.spec.runs import Run
from suite.store.arrays import arrays_as_bytes, read_arrays
from suite.store.checkpoints import held
from suite.store.record import Record
from suite.store.store import Store
from suite.store.version import fingerprint
from suite.store.version_names import code_of
from suite.training import team as teams
from suite.training.cohort import Cohort
from suite.training.draws import critic_draws
from suite.training.loop import own, train
from suite.training.state import Part, part, start
from suite.training.team import SOLO, Lost, Team, gathered, own_gpu
from tests.launch import lives
from tests.training.settings import CPU, image_run, run, trained

SECONDS = 120.0
"""Until everything that could wait for ever is given up."""
CONTEXT = mp.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.training.test_team", "torch._inductor.config"])
"""So that a process begins at once: the last is what asking torch for determinism imports."""

# Where real and fake samples cancel, a gradient is rounding alone. Both optimisers would take whole steps
# along it, in any direction, were their eps as small as is usual.
RMSPROP = schema.RMSProp(lr=5e-4, eps=1e-3)
ADAM = schema.Adam(lr=1e-3, betas=(0.5, 0.9), eps=1e-3)
CRITIC = schema.MLPCritic(layers=3, width=16, normalization="layer")
COMMON: dict[str, object] = {"iterations": 20, "optimizer": ADAM}
PROBES = schema.Probes(quality=schema.Quality(points=2, samples=32, mode_samples=100))
CASES: dict[str, dict[str, object]] = {
    "clip": {"constraint": schema.Clip(bound=0.05), "optimizer": RMSPROP},
    "penalty": {"probes": PROBES},
    "penalty, by autograd": {"critic": CRITIC},
    "gan, warmed up": {"loss": "non_saturating", "constraint": schema.Unconstrained(), "warmup": 3},
    "batch norm": {
        "critic": schema.MLPCritic(layers=3, width=16, normalization="batch"),
        "generator": schema.MLPGenerator(layers=3, width=16, normalization="batch"),
        "optimizer": schema.SGD(lr=1e-4),  # The gradient by a bias below a normalisation is rounding alone.
    },
    "fixed generator": {"generator": schema.NoisyData()},
}
IMAGES: dict[str, dict[str, object]] = {
    "images, penalty": {},
    "images, clip": {"constraint": schema.Clip(bound=0.05), "optimizer": RMSPROP},
    "images, batch norm": {
        "generator": schema.DCGANGenerator(width=2, latent=4),
        "critic": schema.DCGANCritic(width=2),
    },
    "images, labels": {
        "generator": schema.DCGANGenerator(width=2, latent=4, labels="normalization", spectral=True),
        "critic": schema.DCGANCritic(width=2, labels="projection", spectral=True),
        "loss": "hinge",
        "constraint": schema.Unconstrained(),
        "input_noise": 0.1,
    },
    "images, biggan": {
        "generator": schema.BigGANGenerator(width=1, latent=6, shared=4),
        "critic": schema.BigGANCritic(width=1),
        "loss": "hinge",
        "constraint": schema.Unconstrained(),
        "average": schema.Averaging(decay=0.9, start=1),
        "orthogonal": schema.Orthogonal(weight=1e-2),
        "iterations": 5,
    },
    "images, accumulated": {"accumulate": 2},
    "images, residual": {
        "generator": schema.ResNetGenerator(width=4, latent=4),
        "critic": schema.ResNetCritic(width=4),
        "iterations": 5,
        "critic_steps": 1,
    },
}


def runs_of(case: str) -> list[Run]:
    """Two replicas of a case."""
    if case in CASES:
        return [run(seed, **{**COMMON, **CASES[case]}) for seed in (10, 11)]
    generator = schema.DCGANGenerator(width=2, latent=4, normalization="none")
    return [image_run(seed, **{**COMMON, "generator": generator, **IMAGES[case]}) for seed in (10, 11)]


# --- Processes ---------------------------------------------------------------------------------


def member(rank: int, port: int, timeout: float, task: Callable[[int], None]) -> None:
    """One process of two, in the environment that a cluster gives it."""
    place = {
        "RANK": rank,
        "LOCAL_RANK": rank,
        "WORLD_SIZE": 2,
        "MASTER_ADDR": "localhost",
        "MASTER_PORT": port,
    }
    os.environ.update({name: str(value) for name, value in place.items()})
    torch.set_num_threads(1)
    teams.TIMEOUT = timeout
    task(rank)


def begin(
    task: Callable[[int], None],
    ranks: tuple[int, ...] = (0, 1),
    timeout: float = SECONDS,
    parents: bool = False,
) -> list[BaseProcess]:
    """Processes of a team of two, at work on a task that is told its rank; parents may have workers."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    every = [
        CONTEXT.Process(target=member, args=(rank, port, timeout, task), daemon=not parents) for rank in ranks
    ]
    for process in every:
        process.start()
    return every


def end(processes: list[BaseProcess]) -> list[int | None]:
    """Exit codes, None where a process does not end."""
    for process in processes:
        process.join(SECONDS)
    codes = [process.exitcode for process in processes]
    for process in processes:
        process.kill()
    return codes


def silent(share: float, note: str) -> None:
    """Tells nobody."""


def never() -> bool:
    """Does not stop."""
    return False


# --- As one process does -----------------------------------------------------------------------


def keep_states(folder: Path, rank: int) -> None:
    """Train every case, and keep the parts of both replicas."""
    with gathered("cases") as team:
        for case in CASES | IMAGES:
            cohort = Cohort.of(runs_of(case), CPU, team)
            state = start(cohort)
            train(cohort, state, lambda _: None)
            for replica in range(2):
                (folder / f"{case}-{replica}-{rank}.npz").write_bytes(arrays_as_bytes(part(state, replica)))


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes make of every case."""
    folder = tmp_path_factory.mktemp("states")
    assert end(begin(partial(keep_states, folder))) == [0, 0]
    return folder


def state_of(states: Path, case: str, replica: int, rank: int) -> Part:
    found = read_arrays(states / f"{case}-{replica}-{rank}.npz")
    assert found is not None
    return found


@pytest.mark.parametrize("case", CASES | IMAGES)
def test_two_processes_hold_the_same_bits(states: Path, case: str) -> None:
    for replica in range(2):
        first, second = (state_of(states, case, replica, rank) for rank in (0, 1))
        assert first.keys() == second.keys()
        for name in first:
            np.testing.assert_array_equal(first[name], second[name], err_msg=name)


@pytest.mark.parametrize("case", CASES | IMAGES)
def test_two_processes_train_as_one_does(states: Path, case: str) -> None:
    """To rounding: parameters were seen to differ by 1.2e-7 at the most."""
    alone = trained(*runs_of(case))
    for replica in range(2):
        mine, theirs = part(alone, replica), state_of(states, case, replica, 0)
        assert mine.keys() == theirs.keys()
        for name in mine:
            near = 1e-6 * max(1.0, np.abs(mine[name]).max(initial=0))
            np.testing.assert_allclose(theirs[name], mine[name], rtol=1e-5, atol=near, err_msg=name)


def test_alone_nothing_is_sliced_or_copied() -> None:
    tensor = torch.zeros(2, 3, 4)
    assert SOLO.rows(tensor) is tensor
    assert SOLO.mean(tensor)[0] is tensor
    assert SOLO.any(True, False) == (True, False)
    assert SOLO.same(b"")
    with gathered("nobody else") as team:
        assert team is SOLO


def test_each_process_has_its_own_rows_of_a_batch() -> None:
    cohort = Cohort.of([run(10), run(11)], CPU)
    whole = critic_draws(cohort, 0)
    parts = [own(cohort._replace(team=Team(rank, 4)), whole) for rank in range(4)]
    assert parts[0].real.shape == (20, 2, 4, 2)
    for index, draws in enumerate(whole):
        torch.testing.assert_close(torch.cat([each[index] for each in parts], 2), draws, rtol=0, atol=0)


# --- What cannot be shared ---------------------------------------------------------------------

REFUSED: dict[str, tuple[Run, str]] = {
    "uneven": (run(batch_size=13), "a batch of 13 has no 2 equal parts"),
    "uneven parts": (run(batch_size=9, accumulate=3), "a batch of 9 has no 6 equal parts"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_two_processes_cannot_share_is_refused(case: str) -> None:
    refused, reason = REFUSED[case]
    with pytest.raises(UserError, match=f"test/test, arm: {reason}.*\n    "):
        Cohort.of([refused], CPU, Team(0, 2))
    assert Cohort.of([refused], CPU).team is SOLO


def test_each_process_has_a_gpu_of_its_own() -> None:
    assert [own_gpu(place, 4) for place in range(4)] == [0, 1, 2, 3]
    assert own_gpu(3, 1) == 0, "each is shown its own alone"
    with pytest.raises(UserError, match=r"LOCAL_RANK is 2, and there are 2 GPUs.*\n    start no more than 2"):
        own_gpu(2, 2)


def test_a_place_half_told_is_the_users_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.delenv("RANK", raising=False)
    with pytest.raises(UserError, match="WORLD_SIZE is 2, but RANK is not set"), gathered("nothing"):
        pass


# --- Records, stopping and going on ------------------------------------------------------------

RUNS = (run(10), run(11))


def job(root: Path, *runs: Run, checkpoint_seconds: float = 1000.0) -> Job:
    loss = {"loss": schema.Metric(series="losses.critic")}
    return Job(
        runs=runs,
        metrics=loss,
        criteria={},
        code=code_of(runs),
        store=str(root),
        checkpoint_seconds=checkpoint_seconds,
    )


def record(root: Path, of: Run) -> Record | None:
    return Store(root, fingerprint()).folder(of.id).record()


def serve(pipes: list[Connection], rank: int) -> None:
    work(pipes[rank])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A folder of results for each of two workers that were sent the same jobs: one that is refused, and
    ``RUNS``."""
    roots = [tmp_path_factory.mktemp(f"rank{rank}") for rank in range(2)]
    pairs = [CONTEXT.Pipe() for _ in roots]
    processes = begin(partial(serve, [theirs for _, theirs in pairs]))
    for runs in ([REFUSED["uneven"][0]], RUNS):
        for (ours, _), root in zip(pairs, roots, strict=True):
            ours.send_bytes(msgspec.json.encode(job(root, *runs)))
        for ours, _ in pairs:
            assert ours.poll(SECONDS)
            while ours.recv_bytes() != DONE:
                assert ours.poll(SECONDS)
    for pair in pairs:
        for each in pair:
            each.close()
    assert end(processes) == [0, 0]
    return roots


def test_the_first_process_writes_the_only_record(served: list[Path]) -> None:
    for each in RUNS:
        found = record(served[0], each)
        assert found is not None
        assert found.outcome.state == "finished"
        assert found.environment.processes == 2
        assert found.cost.replicas == 2
        assert found.metrics["loss"].value is not None
    assert not list(served[1].rglob("*"))


def test_a_refusal_is_recorded_and_the_next_job_is_trained(served: list[Path]) -> None:
    found = record(served[0], REFUSED["uneven"][0])
    assert found is not None
    assert found.outcome.state == "failed"
    assert "a batch of 13 has no 2 equal parts" in found.outcome.reason


class After:
    """Answers yes from the given question on."""

    def __init__(self, questions: int) -> None:
        self.left = questions

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


def stop_second(work_: Job, rank: int) -> None:
    """Only the second process is asked to stop, at its second question."""
    with pytest.raises(heartbeat.Stopped):
        perform.perform(work_, silent, After(1) if rank == 1 else never)


def go_on(work_: Job, rank: int) -> None:
    perform.perform(work_, silent, never)


def test_all_stop_where_one_is_asked_to_and_go_on_to_the_same_bits(
    tmp_path: Path, served: list[Path]
) -> None:
    store, todo = Store(tmp_path, fingerprint()), job(tmp_path, *RUNS)
    assert end(begin(partial(stop_second, todo))) == [0, 0]
    for each in RUNS:
        assert list(held(store.folder(each.id))) == [20]
        assert not store.folder(each.id).heartbeat_path.exists()
    assert end(begin(partial(go_on, todo))) == [0, 0]
    for each in RUNS:
        found, undisturbed = record(tmp_path, each), record(served[0], each)
        assert found is not None
        assert undisturbed is not None
        assert found.digest == undisturbed.digest


def test_one_process_goes_on_where_two_stopped(tmp_path: Path) -> None:
    todo = job(tmp_path, *RUNS)
    assert end(begin(partial(stop_second, todo))) == [0, 0]
    go_on(todo, 0)
    for each in RUNS:
        found = record(tmp_path, each)
        assert found is not None
        assert found.outcome.state == "finished"
        assert found.environment.processes == 1


# --- Accidents ---------------------------------------------------------------------------------


def die() -> bool:
    os.kill(os.getpid(), signal.SIGKILL)
    return False


def hang() -> bool:
    time.sleep(10 * SECONDS)
    return False


def raise_() -> bool:
    raise ValueError("no memory left")


def come_apart() -> bool:
    """Moves this process's critic by one bit's worth."""
    original = perform.train

    def moved(cohort, state, pause):
        state.critic += 1e-3
        original(cohort, state, pause)

    perform.train = moved
    return False


def meet_with(accident: Callable[[], bool], whose: int, todo: Job, rank: int) -> None:
    """The process ``whose`` has an accident; the others must hear of it."""
    if accident is come_apart and rank == whose:
        come_apart()
    stopping = accident if rank == whose and accident is not come_apart else never
    with pytest.raises(Lost):
        perform.perform(todo, silent, stopping)


ACCIDENTS: dict[str, tuple[Callable[[], bool], str]] = {
    "dies": (die, "Lost: a process of the team died or did not answer: "),
    "hangs": (hang, "Lost: a process of the team died or did not answer: "),
    "raises": (raise_, "Lost: process 1 of 2: ValueError: no memory left"),
    "comes apart": (come_apart, "RuntimeError: at iteration 30 the 2 processes are not in the same state"),
}


@pytest.mark.parametrize("case", ACCIDENTS)
def test_an_accident_of_one_process_fails_the_run(tmp_path: Path, case: str) -> None:
    accident, reason = ACCIDENTS[case]
    timeout = 3.0 if case == "hangs" else SECONDS
    first, second = begin(partial(meet_with, accident, 1, job(tmp_path, *RUNS)), timeout=timeout)
    assert end([first]) == [0]
    second.kill()
    for each in RUNS:
        found = record(tmp_path, each)
        assert found is not None
        assert found.outcome.state == "failed"
        assert found.outcome.reason.startswith(reason)
        assert found.environment.processes == 2


def test_where_the_first_process_dies_the_others_leave_and_write_nothing(tmp_path: Path) -> None:
    codes = end(begin(partial(meet_with, die, 0, job(tmp_path, *RUNS))))
    assert codes == [-signal.SIGKILL, 0]
    assert record(tmp_path, RUNS[0]) is None


def test_a_process_that_never_comes_fails_the_run(tmp_path: Path) -> None:
    todo = job(tmp_path, *RUNS)
    assert end(begin(partial(meet_with, never, 1, todo), ranks=(0,), timeout=1.0)) == [0]
    found = record(tmp_path, RUNS[0])
    assert found is not None
    assert found.outcome.reason.startswith("Lost: a process of the team died or did not answer: ")


def test_a_worker_answers_and_ends_after_a_failure_in_its_team(tmp_path: Path) -> None:
    pairs = [CONTEXT.Pipe() for _ in range(2)]
    first, second = begin(partial(serve, [theirs for _, theirs in pairs]))
    long = run(10, iterations=10**6)
    for ours, _ in pairs:
        ours.send_bytes(msgspec.json.encode(job(tmp_path, long)))
    assert pairs[1][0].poll(SECONDS)  # It has told how far it is.
    second.kill()
    while (message := pairs[0][0].recv_bytes()) != LEFT:
        assert message not in (DONE, b"")
    assert end([first]) == [0]
    found = record(tmp_path, long)
    assert found is not None
    assert found.outcome.state == "failed"


class Log:
    """A pool's watcher, of which that of process 0 records what is lost."""

    def __init__(self, rank: int) -> None:
        self.rank = rank

    def advanced(self, job: bytes, share: float, note: str) -> None:
        """Nothing to do."""

    def ended(self, job: bytes) -> tuple[bytes, ...]:
        return ()

    def lost(self, job: bytes, reason: str) -> tuple[bytes, ...]:
        if self.rank == 0:
            records.lost(msgspec.json.decode(job, type=Job), reason)
        return ()


def in_turn(jobs: list[bytes], whose: int, marker: Path, rank: int) -> None:
    """A job after the other; the first worker of the process ``whose`` dies in its first job."""
    if rank == whose:
        os.environ[lives.MARKER] = str(marker)
        pool.work = lives.first_dies_after_a_checkpoint
    pool.Pool(1, Log(rank), tries=1).run(jobs)


@pytest.mark.parametrize("whose", [0, 1])
def test_after_an_accident_the_team_meets_again_for_the_next_job(tmp_path: Path, whose: int) -> None:
    every = [run(10, iterations=10**6), run(11), run(12)]
    jobs = [msgspec.json.encode(job(tmp_path, each, checkpoint_seconds=0.1)) for each in every]
    assert end(begin(partial(in_turn, jobs, whose, tmp_path / "lives"), parents=True)) == [0, 0]
    states = [found.outcome.state for each in every if (found := record(tmp_path, each))]
    assert states == ["failed", "finished", "finished"]
