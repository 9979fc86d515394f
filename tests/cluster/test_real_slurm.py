"""On a real SLURM: arrays, and every way a job can be interrupted.

All disturbances are at work at the same time, each on a folder of results of its own; what is waited
for is mostly SLURM. ``slurm.sh`` starts the SLURM that they need.
"""

import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.cluster import real
from tests.cluster.real import until
from tests.cluster.trial import ALONE, MANY, RUNS, Cluster

pytestmark = [pytest.mark.slurm, pytest.mark.usefixtures("slurm")]

# --- Disturbances -----------------------------------------------------------------------------------
# Each gets a job that trains, and leaves an experiment that is finished or can be launched again. What breaks
# or takes a whole node has that node to itself: node1 is for all others.


def is_requeued(cluster: Cluster) -> None:
    job = started(cluster)
    real.ask("scontrol", "requeue", job)
    until(lambda: real.restarts(job) == 1, "the job was requeued")
    assert submits_nothing(cluster)


def comes_to(job: str, state: str) -> None:
    """Accounting hears of an end a while after the queue has."""
    until(lambda: real.state(job) == state, f"job {job} is {state}", seconds=60)


def is_preempted(cluster: Cluster) -> None:
    job = started(cluster, "options.nodelist=node3")
    urgent = real.ask("sbatch", "--parsable", *urgent_on("node3")).strip()
    until(lambda: real.state(job) == "PENDING", "the job was preempted and waits again")
    stand(cluster, "waiting")
    assert submits_nothing(cluster)
    real.ask("scancel", urgent)


def is_preempted_and_saves_in_time(cluster: Cluster) -> None:
    """It has left before SLURM would requeue it."""
    job = started(cluster, "options.nodelist=node4")
    urgent = real.ask("sbatch", "--parsable", *urgent_on("node4")).strip()
    until(lambda: "PreemptTime=2" in real.ask("scontrol", "show", "job", job), "the job is told to leave")
    cluster.hurry()
    until(lambda: real.state(job) != "RUNNING", "the job has left")
    assert real.state(job) in ("COMPLETING", "PENDING")
    stand(cluster, "waiting")
    assert submits_nothing(cluster)
    real.ask("scancel", urgent)


def is_out_of_time(cluster: Cluster) -> None:
    """It is told in time, saves and leaves, and may not be requeued."""
    job = started(cluster, "time=1m", "signal=15s", "requeues=0")
    until(lambda: TOLD in log(cluster), "the job is told that its time is nearly over")
    cluster.hurry()
    until(cluster.ended, "the job has left")
    comes_to(job, "FAILED")
    stand(cluster, "failed")


def is_too_slow_to_save_in_time(cluster: Cluster) -> None:
    job = started(cluster, "time=1m", "signal=15s")
    cluster.slow_down(30.0)
    until(cluster.ended, "the job's time is over")
    comes_to(job, "TIMEOUT")
    stand(cluster, "lost")


def goes_on_by_itself_when_its_time_is_over(cluster: Cluster) -> None:
    job = started(cluster, "time=1m", "signal=15s")
    until(lambda: TOLD in log(cluster), "the job is told that its time is nearly over")
    cluster.hurry()
    until(lambda: real.restarts(job) > 0, "the job has requeued itself")
    assert submits_nothing(cluster)


def is_cancelled_by_the_suite(cluster: Cluster) -> None:
    job = started(cluster)
    cluster.do("cancel")
    until(cluster.ended, "the job is gone")
    comes_to(job, "CANCELLED")
    stand(cluster, "lost")


def is_cancelled_by_somebody(cluster: Cluster) -> None:
    job = started(cluster)
    real.ask("scancel", job)
    until(cluster.ended, "the job is gone")
    stand(cluster, "lost")
    assert all("CANCELLED" in row["note"] for row in cluster.rows())


def is_killed(cluster: Cluster) -> None:
    job = started(cluster)
    real.kill(pythons(job))
    until(cluster.ended, "the job is gone")
    comes_to(job, "FAILED")
    stand(cluster, "failed")


def has_a_worker_killed(cluster: Cluster) -> None:
    """The job's own pool starts another one."""
    job = started(cluster)
    workers = [process for process in pythons(job) if "multiprocessing.spawn" in process.words]
    assert len(workers) == 1
    real.kill(workers)
    cluster.hurry()
    until(cluster.ended, "the job is done")
    comes_to(job, "COMPLETED")


def is_on_a_node_that_crashes(cluster: Cluster) -> None:
    job = started(cluster, "options.nodelist=node2")
    real.crash("node2")
    until(lambda: real.node_state("node2").startswith("down"), "the node is down")
    until(lambda: real.state(job) == "PENDING", "the job waits for another node")
    stand(cluster, "waiting")
    real.repair("node2")


def is_on_a_node_that_is_cut_off(cluster: Cluster) -> None:
    """Its processes go on for a while, when the same job waits to be started again."""
    job = started(cluster, "options.nodelist=node5")
    real.stop_daemon("node5")
    until(lambda: real.node_state("node5").startswith("down"), "the node is down")
    until(lambda: real.state(job) == "PENDING", "the job waits for another node")
    real.repair("node5")


def has_a_full_disk(cluster: Cluster) -> None:
    ballast = cluster.place.results / "ballast"
    with small_disk(cluster.place.results):
        started(cluster)
        fill(ballast)
        until(cluster.ended, "the job has failed")
        stand(cluster, "failed")
        ballast.unlink()
        cluster.hurry()
        cluster.launch()
        until(cluster.ended, "all jobs are gone")
        shutil.copytree(cluster.place.results / "runs", cluster.place.root / "runs")
    shutil.copytree(cluster.place.root / "runs", cluster.place.results / "runs")


Disturbance = Callable[[Cluster], None]
DISTURBANCES: tuple[Disturbance, ...] = (
    is_out_of_time,
    is_too_slow_to_save_in_time,
    goes_on_by_itself_when_its_time_is_over,
    is_requeued,
    is_preempted,
    is_preempted_and_saves_in_time,
    is_on_a_node_that_crashes,
    is_on_a_node_that_is_cut_off,
    is_cancelled_by_the_suite,
    is_cancelled_by_somebody,
    is_killed,
    has_a_worker_killed,
    has_a_full_disk,
)
"""Those that wait longest first."""
AT_ONCE = 5
"""Each waits most of the time, but two cores start no more Pythons than that in good time."""
TOLD = "Caught signal SIGUSR2"


def urgent_on(node: str) -> list[str]:
    """The words of sbatch for a job that takes a whole node from others."""
    where = ["--partition=urgent", f"--nodelist={node}", "--exclusive"]
    return [*where, "--output=/dev/null", "--wrap=sleep 900"]


def started(cluster: Cluster, *settings: str) -> str:
    """Launch, and wait until every run has a checkpoint; the name of the job."""
    cluster.launch(*settings)
    (job,) = cluster.jobs()
    until(lambda: cluster.checkpoints() == RUNS, f"job {job} has saved all runs")
    assert real.state(job) == "RUNNING"
    return job


def stand(cluster: Cluster, state: str) -> None:
    """Wait until all runs are told to be in a state: a sign of life counts for a minute."""
    until(lambda: cluster.states() == {state: RUNS}, f"all runs are {state}")


def finishes(cluster: Cluster) -> None:
    """Launch again where that is needed, and wait until everything is done."""
    cluster.launch()
    until(cluster.ended, "all jobs are gone")
    assert cluster.states() == {"finished": RUNS}


def log(cluster: Cluster) -> str:
    """What its jobs have written."""
    paths = cluster.place.results.glob("cluster/submissions/*/log/*_log.out")
    return "".join(path.read_text(errors="replace") for path in paths)


def submits_nothing(cluster: Cluster) -> bool:
    before = cluster.jobs()
    cluster.launch()
    return cluster.jobs() == before


def pythons(job: str) -> list[real.Process]:
    """The job's own processes, without srun and the shell that waits for it."""
    found = real.processes(SLURM_JOB_ID=real.raw(job))
    return [process for process in found if "python" in process.words and "srun" not in process.words]


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True)
    try:
        real.ask("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder))
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no file system can be mounted here: {error.stderr.strip()}")
    try:
        yield
    finally:
        real.ask("umount", "--lazy", str(folder))


def fill(path: Path) -> None:
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


# --- Tests ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def undisturbed(slurm: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The digests of ``ALONE``."""
    return Cluster.at(tmp_path_factory.mktemp("undisturbed"), ALONE).run_here()


@pytest.fixture(scope="module")
def disturbed(
    undisturbed: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[Disturbance, Future[dict[str, str]]]]:
    """The digests after each disturbance."""

    def digests(disturb: Disturbance, cluster: Cluster) -> dict[str, str]:
        disturb(cluster)
        cluster.hurry()
        finishes(cluster)
        return cluster.digests()

    clusters = {d: Cluster.at(tmp_path_factory.mktemp(d.__name__), ALONE) for d in DISTURBANCES}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {disturb: pool.submit(digests, disturb, at) for disturb, at in clusters.items()}


@pytest.mark.parametrize("disturb", DISTURBANCES, ids=lambda disturb: disturb.__name__)
def test_a_job_that(
    disturb: Disturbance,
    disturbed: Mapping[Disturbance, Future[dict[str, str]]],
    undisturbed: dict[str, str],
) -> None:
    assert len(undisturbed) == RUNS
    assert disturbed[disturb].result() == undisturbed


def test_an_array_ends_as_a_run_on_this_machine_does(tmp_path: Path) -> None:
    """Two at a time, then the second look of the claim that the first leaves open, then the report."""
    far, near = (Cluster.at(tmp_path / name, MANY) for name in ("far", "near"))
    far.hurry()
    far.launch("target=1s", "speed=0.01", "parallel=2", looks=True)
    jobs = far.jobs()
    assert len({job.partition("_")[0] for job in jobs}) == 1
    assert len(jobs) == 6
    busy = most_at_once(far)
    assert busy <= 2
    expected = near.run_here()
    assert len(expected) == 24
    assert far.digests() == expected
    assert far.states() == {"finished": 24}
    assert far.do("report", "--json") == near.do("report", "--json")
    assert (far.place.results / "report" / "desk" / "index.html").exists()


def most_at_once(cluster: Cluster) -> int:
    """Wait until everything is done; how many jobs of the first array were at work at the same time."""
    first = cluster.jobs()
    seen = 0

    def ended() -> bool:
        nonlocal seen
        # Asked one by one, two of which one follows the other would count as two at once.
        states = real.queue()
        seen = max(seen, sum(states.get(job) == "RUNNING" for job in first))
        return cluster.ended()

    until(ended, "all looks are done", seconds=300)
    return seen


def test_the_job_that_goes_on_waits_for_room_and_then_comes_to_the_report(tmp_path: Path) -> None:
    """With room for two, of which somebody's job takes one for a while."""
    cluster = Cluster.at(tmp_path, ALONE)
    cluster.launch("replicas=1", "target=1s", "speed=0.000001", "max_jobs=2", looks=True)
    other = real.ask("sbatch", "--parsable", "--hold", "--output=/dev/null", "--wrap=true").strip()
    cluster.hurry()
    own = cluster.goes_on()
    until(lambda: real.restarts(own) > 0, "the job that goes on is back in the queue")
    assert len(cluster.jobs()) == 1
    assert not (cluster.place.results / "report").exists()
    real.ask("scancel", other)
    until(cluster.ended, "everything is done")
    assert len(cluster.jobs()) == RUNS
    assert cluster.states() == {"finished": RUNS}
    assert (cluster.place.results / "report" / "desk" / "index.html").exists()


def test_what_waits_is_not_submitted_again_and_can_be_cancelled(tmp_path: Path) -> None:
    cluster = Cluster.at(tmp_path, MANY)
    cluster.launch("target=1s", "speed=0.01", "options.begin=now+1hour")
    assert cluster.states() == {"waiting": 20}
    before = cluster.jobs()
    assert submits_nothing(cluster)
    cluster.do("cancel")
    until(cluster.ended, "all jobs are gone")
    assert cluster.states() == {"lost": 20}
    assert all("CANCELLED" in row["note"] for row in cluster.rows())
    cluster.launch("target=1s", "speed=0.01", "options.begin=now+1hour")
    assert len(cluster.jobs()) == 2 * len(before)
    cluster.do("cancel")
