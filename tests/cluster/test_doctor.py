"""The doctor: what it says of clusters of every kind, and its test job on a fake one."""

import builtins
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from suite.cluster import check_job, check_node, doctor, folders, partitions
from suite.cluster.check_job import Patience
from suite.cluster.check_node import Answer, Gpu, Machine
from suite.cluster.checks import Check, brief
from suite.cluster.freeze import freeze
from suite.cluster.node_report import Expected, compared
from suite.cluster.profile import Profile
from suite.cluster.scheduler import Silent
from suite.cluster.submit import Place
from suite.errors import UserError
from suite.places import EXPERIMENTS
from suite.store.version import ROOT
from tests.cli.calls import call
from tests.cluster.fake.slurm import FakeSlurm

NODES = """\
main*|up|1-00:00:00|4|16000|(null)|idle
main*|up|1-00:00:00|4|16000|(null)|down*
gpu|up|12:00:00|64|512000|gpu:a100:4(S:0-1)|allocated
gpu|up|12:00:00|32|256000|gpu:v100:2|mixed
old|down|infinite|8|1|(null)|idle
"""
PING = "Slurmctld(primary) at fake is UP\n"


@pytest.fixture
def cluster(fake: FakeSlurm) -> FakeSlurm:
    """One that has all that the doctor asks for."""
    program(fake, "sinfo", f"cat <<'END'\n{NODES}END")
    # The fake scheduler knows none of these questions.
    before(fake, "scontrol", "ping", f"cat <<'END'\n{PING}END")
    before(fake, "sbatch", "--version", "echo slurm 23.11.4")
    before(fake, "sbatch", "--test-only", "exit 0")
    before(fake, "sacctmgr", "*format=Account,QOS", "printf 'Group_A|normal,high\\ngroup_b|normal\\n'")
    return fake


def program(slurm: FakeSlurm, name: str, body: str) -> None:
    path = slurm.bin / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def before(slurm: FakeSlurm, name: str, words: str, body: str) -> None:
    """Let a program answer one question in another way."""
    old = slurm.bin / name
    rest = old.read_text().partition("\n")[2]
    program(slurm, name, f'case "$*" in\n{words}*)\n{body}\nexit;;\nesac\n{rest}')


def states(checks: Sequence[Check]) -> dict[str, str]:
    return {check.name: check.state for check in checks}


def named(checks: Sequence[Check], name: str) -> Check:
    (found,) = [check for check in checks if check.name == name]
    return found


def examined(profile: Profile, folder: Path) -> list[Check]:
    return list(doctor.examine(profile, folder / "results"))


# --- From the login node --------------------------------------------------------------


def test_a_cluster_that_has_everything(cluster: FakeSlurm, tmp_path: Path) -> None:
    profile = Profile(partition="gpu", account="group_a", qos="high", gpus=2, processes=2, time=12 * 3600)
    found = examined(profile, tmp_path)
    shares = states(found).pop("file system")  # this machine's own folders
    assert shares == "note"
    assert {name: state for name, state in states(found).items() if name != "file system"} == dict.fromkeys(
        [
            *(
                "commands",
                "controller",
                "limits",
                "partition",
                "time",
                "gpus",
                "cpus",
                "memory",
                "account",
                "qos",
            ),
            *("accounting", "results"),
        ],
        "ok",
    )


def test_where_there_is_no_slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = examined(Profile(), tmp_path)
    assert found[0].state == "wrong"
    assert "sbatch, srun, squeue, scancel, scontrol" in found[0].says
    assert [check.name for check in found] == ["commands", "results", "file system"]


def test_commands_that_are_missing_are_named(cluster: FakeSlurm, tmp_path: Path) -> None:
    for name in ("sinfo", "sacct", "sacctmgr"):
        (cluster.bin / name).unlink()
    # This machine may have a SLURM of its own.
    (only := tmp_path / "bin").mkdir()
    for path in cluster.bin.iterdir():
        (only / path.name).symlink_to(path)
    (only / "sh").symlink_to("/bin/sh")
    (only / "cat").symlink_to("/bin/cat")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(only))
        found = examined(Profile(account="group_a"), tmp_path)
    assert named(found, "commands").state == "note"
    assert "without sinfo, sacct, sacctmgr" in named(found, "commands").says
    assert [named(found, name).state for name in ("partition", "account", "accounting")] == ["note"] * 3


def test_a_controller_that_is_down_ends_the_questions(cluster: FakeSlurm, tmp_path: Path) -> None:
    program(cluster, "scontrol", "echo 'Slurmctld(primary) at fake is DOWN'")
    found = examined(Profile(), tmp_path)
    assert named(found, "controller") == Check(
        "controller",
        "wrong",
        "Slurmctld(primary) at fake is DOWN",
        "try again later; jobs cannot be submitted now",
    )
    assert "partition" not in states(found)


def test_one_of_two_controllers_is_enough(cluster: FakeSlurm) -> None:
    program(cluster, "scontrol", "printf 'Slurmctld(primary) at a is DOWN\\nSlurmctld(backup) at b is UP\\n'")
    assert doctor.controller().state == "ok"


def test_a_command_that_does_not_answer_is_given_up(
    cluster: FakeSlurm, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(cluster, "scontrol", "exec sleep 60")
    monkeypatch.setattr("suite.cluster.scheduler.SECONDS", 0.2)
    assert "gave no answer" in doctor.controller().says


def test_the_clusters_limit_on_jobs(cluster: FakeSlurm) -> None:
    cluster.set(max_submit=50)
    assert doctor.limits(Profile(max_jobs=50)).state == "ok"
    check = doctor.limits(Profile(max_jobs=51))
    assert check.state == "note"
    assert "up to 50 jobs of one user" in check.says


@pytest.mark.parametrize(
    ("profile", "name", "says", "cure"),
    [
        (
            Profile(partition="gpus"),
            "partition",
            "no 'gpus'",
            "did you mean 'gpu'? partitions: gpu, main, old",
        ),
        (Profile(partition="gpu,nope"), "partition", "no 'nope'", "partitions: gpu, main, old"),
        (Profile(partition="old"), "partition", "old: down", "choose another"),
        (Profile(time=86401), "time", "1d1s is over the partition's limit of 1d", "set time: 1d or less"),
        (Profile(partition="gpu", gpus=5), "gpus", "5 a node; the largest node has 4", "lower gpus"),
        (Profile(gpus=1), "gpus", "1 a node; the largest node has none", "choose another partition"),
        (Profile(cpus=2, processes=4), "cpus", "8 a node; the largest node has 4", "lower cpus"),
        (Profile(memory=16001), "memory", "16001M a node; the largest node has 16000M", "set memory: 16000M"),
    ],
)
def test_what_the_partition_lacks(profile: Profile, name: str, says: str, cure: str) -> None:
    found = list(doctor.partition(profile, partitions.read(NODES)))
    faults = [check for check in found if check.state == "wrong"]
    assert [check.name for check in faults] == [name]
    assert says in faults[0].says
    assert cure in faults[0].cure


@pytest.mark.parametrize(
    "profile",
    [
        Profile(time=86400, cpus=4, memory=16000),
        Profile(partition="gpu", gpus=4, time=43200),
        Profile(partition="gpu", gpus=2, processes=4, nodes=2),
        Profile(partition="main,gpu", time=86400, gpus=1),
        Profile(partition="gpu", memory=512000),
        Profile(partition="main,old", time=10**6),
    ],
)
def test_what_fits_the_partition(profile: Profile) -> None:
    found = list(doctor.partition(profile, partitions.read(NODES)))
    assert {check.state for check in found} == {"ok"}


def test_a_partition_without_limits_takes_any_time_and_memory() -> None:
    nodes = partitions.read("main*|up|infinite|4|1|(null)|idle\n")
    found = list(doctor.partition(Profile(time=10**7, memory=10**7), nodes))
    assert states(found) == {"partition": "ok", "time": "ok", "cpus": "ok"}


def test_a_very_short_limit_is_worth_a_note() -> None:
    found = list(doctor.partition(Profile(time=14 * 60), partitions.read(NODES)))
    assert named(found, "time").state == "note"
    assert "need 15m or more" in named(found, "time").cure


def test_without_a_default_partition_one_must_be_set() -> None:
    nodes = partitions.read(NODES.replace("main*", "main"))
    (check,) = doctor.partition(Profile(), nodes)
    assert check.state == "wrong"
    assert check.cure == "set partition to one of gpu, main, old"


def test_lines_of_sinfo_that_are_none_are_passed_over() -> None:
    assert partitions.read("warning: nothing\n\n" + NODES) == partitions.read(NODES)
    assert len(partitions.read(NODES)) == 5


@pytest.mark.parametrize("state", ["down*", "drained", "draining", "fail", "unknown"])
def test_a_partition_without_a_node_that_takes_jobs_is_worth_a_note(state: str) -> None:
    nodes = partitions.read(f"main*|up|infinite|4|1|(null)|{state}\n" * 2)
    assert named(list(doctor.partition(Profile(), nodes)), "partition").state == "note"


@pytest.mark.parametrize(
    ("profile", "state", "cure"),
    [
        (Profile(account="GROUP_B"), "ok", ""),
        (Profile(account="group_c"), "wrong", "yours: group_a, group_b"),
        (Profile(qos="hihg"), "wrong", "did you mean 'high'? yours: high, normal"),
    ],
)
def test_account_and_quality_of_service(cluster: FakeSlurm, profile: Profile, state: str, cure: str) -> None:
    (check,) = doctor.account(profile)
    assert check.state == state
    assert cure in check.cure


def test_without_accounting_the_account_is_not_checked(fake: FakeSlurm) -> None:
    fake.set(accounting=False)
    (check,) = doctor.account(Profile(account="group_a", qos="high"))
    assert check.state == "note"
    assert check.says.startswith("not checked, without accounting: Only ")


def test_without_accounting_it_is_said_what_is_lost(fake: FakeSlurm) -> None:
    fake.set(accounting=False)
    check = doctor.accounting()
    assert check.state == "note"
    assert "accounting storage is disabled" in check.says
    assert "counts as lost" in check.cure


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "sacct: sacct: error: first\nsacct: error: Problem talking to the database: no",
            "Problem talking to the database: no",
        ),
        ("sbatch: sbatch: error: invalid account", "invalid account"),
        ("sinfo gave no answer within 60 seconds", "sinfo gave no answer within 60 seconds"),
        ("sinfo: not found", "sinfo: not found"),
        ("", "Silent"),
    ],
)
def test_of_a_commands_errors_the_last_is_shown(said: str, shown: str) -> None:
    assert brief(Silent(said)) == shown


# --- The results folder ---------------------------------------------------------------


def test_a_results_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (check,) = doctor.folder(tmp_path / "file" / "results")
    assert check.state == "wrong"
    assert "cannot be written" in check.says


def test_nothing_is_left_in_the_results_folder(tmp_path: Path) -> None:
    list(doctor.folder(tmp_path / "results"))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


MOUNTS = """\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
30 22 0:27 / /home rw,nosuid shared:5 master:2 - nfs4 server:/home rw,vers=4.2
31 30 0:28 / /home/me/big\\040disk rw - lustre 10.0.0.1@tcp:/fs rw
32 22 0:29 / /tmp rw - tmpfs tmpfs rw
33 22 0:30 / /tmp rw - xfs /dev/sdb rw
garbage
34 22 0:31 / /half rw -
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/opt/results", "ext4"),
        ("/home/me/results", "nfs4"),
        ("/homes/me", "ext4"),
        ("/home/me/big disk/results", "lustre"),
        ("/tmp/x", "xfs"),
        ("/half/x", "ext4"),
    ],
)
def test_the_file_system_is_that_of_the_nearest_mount(path: str, kind: str) -> None:
    assert folders.file_system(Path(path), MOUNTS) == kind


def test_of_this_machine_it_is_some_file_system(tmp_path: Path) -> None:
    assert folders.here(tmp_path)


@pytest.mark.parametrize(
    ("path", "kind", "state", "says"),
    [
        ("/home/me/results", "nfs4", "ok", "nfs4, shared"),
        ("/home/me/results", "tmpfs", "note", "tmpfs, which other machines cannot see"),
        ("/home/me/results", "ext4", "note", "ext4: whether the nodes see it cannot be told"),
        ("/home/me/results", "", "note", "unknown: whether"),
        ("/tmp/results", "nfs4", "note", "usually each machine's own"),
        ("/var/tmp/results", "nfs4", "note", "usually each machine's own"),
        ("/var/results", "nfs4", "ok", "nfs4, shared"),
    ],
)
def test_whether_nodes_see_a_folder(path: str, kind: str, state: str, says: str) -> None:
    check = doctor.shared(Path(path), kind)
    assert check.state == state
    assert says in check.says


# --- What a node saw ------------------------------------------------------------------

HERE = Machine(host="login", python="3.11.2", packages={"torch": "2.15.0", "numpy": "2.4.6", "pot": ""})
EXPECTED = Expected("n", Path("/shared/copy"), HERE, data=True)
A100 = Gpu("A100", 81559)
GOOD = Answer(
    nonce="n",
    machine=Machine(host="node7", python="3.11.2", packages=HERE.packages),
    executable="/shared/python",
    code="/shared/copy",
    cpus=4,
    memory=60_000,
    disk=500_000,
    data=True,
    gpus=(A100,),
    fault="",
)


def changed(**fields: object) -> Answer:
    return msgspec.structs.replace(GOOD, **fields)


def test_a_node_that_sees_everything() -> None:
    profile = Profile(gpus=1, cpus=4, gpu_memory=81920, processes=2)
    found = list(compared([GOOD, GOOD], profile, EXPECTED))
    assert {check.state for check in found} == {"ok"}
    assert named(found, "gpus on node").says == "torch sees 1: A100, 80 GiB"


@pytest.mark.parametrize(
    ("answer", "name", "state", "says"),
    [
        (changed(nonce="m"), "results on node", "wrong", "node7 reads something else there"),
        (changed(code="/other"), "code on node", "wrong", "is taken from /other, not from /shared/copy"),
        (changed(gpus=()), "gpus on node", "wrong", "torch sees 0 of 1"),
        (changed(gpus=(A100, Gpu("K20", 4743))), "gpus on node", "wrong", "less than gpu_memory (16G)"),
        (changed(fault="libcudart.so.13: not there"), "torch on node", "wrong", "libcudart.so.13"),
        (changed(cpus=1), "room on node", "note", "the profile asks for 4 CPUs"),
        (changed(memory=4000), "room on node", "note", "asks for 4G of memory"),
        (changed(data=False), "data on node", "note", "is not there"),
        (
            changed(
                machine=Machine(host="a", python="3.12.1", packages={"torch": "2.14.0", "numpy": "2.4.6"})
            ),
            "packages on node",
            "note",
            "other versions: python 3.12.1 (3.11.2 here), torch 2.14.0 (2.15.0 here)",
        ),
        (
            changed(machine=Machine(host="a", python="3.11.2", packages={"torch": ""})),
            "packages on node",
            "wrong",
            "missing: numpy, torch",
        ),
        (None, "answer", "wrong", "cannot be read"),
    ],
)
def test_what_a_node_lacks(answer: Answer | None, name: str, state: str, says: str) -> None:
    found = list(compared([GOOD, answer], Profile(gpus=1, cpus=4, processes=2), EXPECTED))
    other = [check for check in found if check.state != "ok"]
    assert [(check.name, check.state) for check in other] == [(name, state)]
    assert says in other[0].says


def test_memory_that_the_kernel_does_not_tell_is_no_fault(tmp_path: Path) -> None:
    assert check_node.available(tmp_path / "none") is None
    (tmp_path / "meminfo").write_text("MemTotal: 10240 kB\nMemAvailable:   5120 kB\n")
    assert check_node.available(tmp_path / "meminfo") == 5
    found = list(compared([changed(memory=None)], Profile(), EXPECTED))
    assert "an unknown amount of memory" in named(found, "room on node").says


def test_a_login_node_without_data_does_not_ask_for_them() -> None:
    found = list(compared([changed(data=False)], Profile(), EXPECTED._replace(data=False)))
    assert "data on node" not in states(found)


def test_torch_is_there_and_works_here() -> None:
    gpus, fault = check_node._torch()
    assert fault == ""
    assert all(gpu.memory > 0 for gpu in gpus)


@pytest.mark.parametrize(
    "error", [ImportError("no libcudart\nlong story"), RuntimeError("no driver"), OSError()]
)
def test_a_torch_that_does_not_load_is_a_fault(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, *rest: object) -> object:
        if name == "torch":
            raise error
        return real(name, *rest)

    real = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", refuse)
    assert check_node._torch() == ((), str(error).partition("\n")[0] or "OSError")


# --- The test job ---------------------------------------------------------------------

QUICK = Patience(whole=60, after_end=0.3, between=0.05)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "results", freeze(tmp_path / "frozen", EXPERIMENTS))


@pytest.fixture
def node(cluster: FakeSlurm) -> Iterator[None]:
    """Executes jobs as they come."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.05):
            for name in cluster.ready():
                cluster.execute(name)

    thread = threading.Thread(target=work)
    thread.start()
    yield
    over.set()
    thread.join()


TORCH = """\
class cuda:
    device_count = staticmethod(lambda: 1)
    get_device_properties = staticmethod(lambda number: Card)


class Card:
    name, total_memory = "A100", 80 * 2**30


def ones(size, device):
    class Number:
        add_ = lambda self, other: self
        item = lambda self: 2.0

    assert device == "cuda:0"
    return Number()
"""


@pytest.fixture
def setup(tmp_path: Path) -> str:
    """A line of shell with which a node has a small torch, and a GPU."""
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "torch.py").write_text(TORCH)
    return f"export PYTHONPATH={tmp_path}/packages"


def tried(profile: Profile, place: Place, wait: Patience = QUICK) -> tuple[list[Check], list[str]]:
    said: list[str] = []
    return list(check_job.trial(profile, place, said.append, wait)), said


def test_every_process_answers_from_the_node(
    cluster: FakeSlurm, node: None, place: Place, setup: str
) -> None:
    found, said = tried(Profile(processes=2, gpus=1, partition="gpu", setup=(setup,)), place)
    # The fake node is this machine: all must be as it is here.
    assert {check.state for check in found if check.name != "room on node"} == {"ok"}
    assert [check.name for check in found] == [
        "test job",
        "results on node",
        "code on node",
        "packages on node",
        "gpus on node",
        "room on node",
    ]
    assert "submitted" in said[0]
    assert list((place.results / "cluster" / "doctor").iterdir()) == []


def test_the_test_job_asks_for_the_same_but_little_time(cluster: FakeSlurm, place: Place) -> None:
    profile = Profile(partition="gpu", memory=2048, cpus=3, options={"constraint": "ib"})
    check_job.submit(profile, place, place.results / "cluster" / "doctor" / "one")
    (array,) = cluster.arrays()
    options = array.options
    assert (options["partition"], options["mem"], options["cpus-per-task"]) == ("gpu", "2048M", "3")
    assert (options["constraint"], options["time"], options["signal"]) == ("ib", "5", "USR2@30")


def test_a_job_that_does_not_start_is_cancelled(cluster: FakeSlurm, place: Place) -> None:
    (check,), said = tried(Profile(), place, QUICK._replace(whole=0.5))
    assert check.state == "wrong"
    assert "did not start within" in check.says
    assert "pending (Priority); cancelled" in check.says
    assert cluster.active() == []
    assert any("pending (Priority)" in line for line in said)


def test_a_job_that_starts_but_never_answers_is_cancelled(cluster: FakeSlurm, place: Place) -> None:
    def start() -> None:
        while not cluster.active():
            time.sleep(0.02)
        cluster.start(*cluster.active())

    thread = threading.Thread(target=start)
    thread.start()
    (check,), _ = tried(Profile(), place, QUICK._replace(whole=1.5))
    thread.join()
    assert "gave no answer within" in check.says
    assert "is the results folder shared" in check.cure
    assert cluster.active() == []


def test_a_job_that_fails_shows_how_and_its_log(cluster: FakeSlurm, node: None, place: Place) -> None:
    (check,), _ = tried(Profile(setup=("echo no such module >&2", "exit 3")), place)
    assert check.state == "wrong"
    assert "ended as FAILED, exit code 3:0" in check.says
    assert "no such module" in check.cure
    assert "the whole log: " in check.cure
    log = Path(check.cure.splitlines()[-1].removeprefix("the whole log: "))
    assert "no such module" in log.read_text()


def test_a_job_without_a_log_points_to_the_folder(cluster: FakeSlurm, place: Place) -> None:
    def end() -> None:
        while not cluster.active():
            time.sleep(0.02)
        cluster.end(*cluster.active(), state="FAILED", code="0:53")

    thread = threading.Thread(target=end)
    thread.start()
    (check,), _ = tried(Profile(), place)
    thread.join()
    assert "FAILED" in check.says
    assert "the node wrote no log" in check.cure


def test_ctrl_c_cancels_the_job(cluster: FakeSlurm, place: Place) -> None:
    def say(text: str) -> None:
        if "pending" in text:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(check_job.trial(Profile(), place, say, QUICK))
    assert cluster.active() == []
    assert cluster.jobs()


def test_a_job_that_sbatch_refuses(cluster: FakeSlurm, place: Place) -> None:
    (check,), _ = tried(Profile(partition="nope"), place)
    assert check.state == "wrong"
    assert check.says.startswith("sbatch refused: ")
    assert "nvalid partition" in check.says


def test_what_sbatch_would_refuse_is_told_without_a_job(cluster: FakeSlurm, place: Place) -> None:
    refusing = "echo 'sbatch: error: invalid account specified' >&2\nexit 1"
    assert check_job.accepted("#!/bin/sh\n", place.results).state == "ok"
    before(cluster, "sbatch", "--test-only", refusing)
    check = check_job.accepted("#!/bin/sh\n", place.results)
    assert check.state == "wrong"
    assert check.says == "invalid account specified"
    assert list(place.results.iterdir()) == []
    assert cluster.jobs() == {}


def test_a_file_that_another_removes_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_job, "ask", lambda words: Path(words[-1]).unlink())
    assert check_job.accepted("#!/bin/sh\n", tmp_path).state == "ok"


def test_an_answer_is_json_that_is_no_answer(tmp_path: Path) -> None:
    path = check_node.answer_path(tmp_path, 0)
    for content in (b"", b"\x80\x04.", b'{"nonce": 1}', b"[]"):
        path.write_bytes(content)
        assert list(check_job._answers(tmp_path, 1)) == [None]


def test_a_log_is_shown_by_its_last_lines_and_without_escapes(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"1\n2\n3\n\n4\n\x1b[31m5\xff\n6\n")
    assert check_job.tail(tmp_path / "log") == ["2", "3", "4", "[31m5�", "6"]
    assert check_job.tail(tmp_path / "none") == []


def test_a_folder_that_slurm_would_misread_has_no_batch_file(cluster: FakeSlurm, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--results"):
        check_job.batch_file(Profile(), Place(tmp_path / "50%", ROOT))


def test_the_batch_file_is_that_of_a_launch(cluster: FakeSlurm, place: Place) -> None:
    profile = Profile(partition="gpu", setup=("module load cuda",), options={"exclusive": True}, time=7200)
    lines = check_job.batch_file(profile, place).splitlines()
    assert lines[0] == "#!/bin/bash"
    assert {
        "#SBATCH --partition=gpu",
        "#SBATCH --exclusive",
        "#SBATCH --time=120",
        "module load cuda",
    } <= set(lines)


# --- The command ----------------------------------------------------------------------


@pytest.fixture
def asked(cluster: FakeSlurm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return ["doctor", "--results", str(tmp_path / "results")]


def test_without_a_job_nothing_is_submitted(cluster: FakeSlurm, asked: list[str]) -> None:
    answer = call(*asked, "--no-job", "--set", "options.constraint=ib")
    assert answer.status == 0
    assert "#SBATCH --constraint=ib" in answer.out
    assert answer.out.splitlines()[-1] == "nothing wrong so far; without --no-job a test job looks at a node"
    assert cluster.jobs() == {}


def test_the_whole_command_with_its_job(cluster: FakeSlurm, node: None, asked: list[str], setup: str) -> None:
    answer = call(*asked, "--cluster", "default", "--set", f"setup={setup}")
    assert (answer.status, "test job" in answer.out) == (0, True), answer
    assert "submitted; waiting for up to" in answer.err
    assert "all well; next: uv run run_suite.py launch --cluster default" in answer.out.splitlines()[-1]


def test_what_is_wrong_ends_with_status_1_and_no_job(cluster: FakeSlurm, asked: list[str]) -> None:
    answer = call(*asked, "--set", "partition=gpus")
    assert answer.status == 1
    assert "wrong partition          there is no 'gpus'" in answer.out
    assert "did you mean 'gpu'?" in answer.out
    assert answer.out.splitlines()[-1] == "wrong: partition"
    assert cluster.jobs() == {}


def test_without_slurm_there_is_no_batch_file(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    answer = call(*asked, "--json")
    assert answer.status == 1
    assert json.loads(answer.out)["batch_file"] is None


def test_a_mistake_in_the_profile_ends_with_status_2(cluster: FakeSlurm, asked: list[str]) -> None:
    answer = call(*asked, "--set", "time=90")
    assert (answer.status, answer.out) == (2, "")
    assert "write 90m for minutes" in answer.err


def test_json_is_one_object_on_its_own(cluster: FakeSlurm, asked: list[str]) -> None:
    for words, well in ((("--no-job",), True), (("--set", "partition=gpus"), False)):
        found = json.loads(call(*asked, "--json", *words).out)
        assert found["well"] is well
        assert found.keys() == {"well", "checks", "batch_file"}
        assert {frozenset(check) for check in found["checks"]} == {
            frozenset({"name", "state", "says", "cure"})
        }
        assert found["batch_file"].startswith("#!/bin/bash")


def test_the_documentation_tells_of_the_answer_as_json() -> None:
    text = (ROOT / "docs" / "cluster.md").read_text()
    told = text.partition("`doctor --json` is")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", told)) == {"well", "checks", "batch_file", *Check._fields}


def test_the_checks_from_the_login_node_load_neither_torch_nor_submitit() -> None:
    code = "import sys, suite.commands.doctor; sys.exit(bool({'torch', 'submitit'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
