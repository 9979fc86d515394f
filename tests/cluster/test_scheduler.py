"""What the suite makes of SLURM's answers, and of none."""

import os
import pwd
from collections.abc import Sequence
from pathlib import Path

import pytest

from suite.cluster import scheduler
from suite.cluster.scheduler import Job, Limits, Silent
from suite.errors import UserError
from tests.cluster.fake.slurm import FakeSlurm, submit

STATES = (
    *("BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY"),
    *("PREEMPTED", "REVOKED", "TIMEOUT"),
)
"""In which a job can end."""


@pytest.fixture
def array(fake: FakeSlurm, tmp_path: Path) -> str:
    """A submitted array of five."""
    return submit(fake, tmp_path, 5, ["--job-name=wgan.x.0"])


def test_a_machine_without_slurm(fake: FakeSlurm, monkeypatch: pytest.MonkeyPatch) -> None:
    scheduler.require()
    fake.remove("srun")
    monkeypatch.setenv("PATH", str(fake.bin))
    with pytest.raises(UserError, match="there is no SLURM on this machine") as error:
        scheduler.require()
    assert "\n    " in str(error.value)


def test_the_queue(fake: FakeSlurm, array: str) -> None:
    fake.start(f"{array}_0")
    fake.hold(f"{array}_1", "launch failed requeued held")
    fake.end(f"{array}_2")
    found = scheduler.queue()
    assert found == {
        f"{array}_0": Job("RUNNING", "node1", "wgan.x.0"),
        f"{array}_1": Job("PENDING", "launch failed requeued held", "wgan.x.0"),
        f"{array}_3": Job("PENDING", "Priority", "wgan.x.0"),
        f"{array}_4": Job("PENDING", "Priority", "wgan.x.0"),
    }


@pytest.mark.parametrize("state", ["COMPLETING", "CONFIGURING", "SUSPENDED", "STOPPED", "REQUEUED"])
def test_a_job_between_waiting_and_its_end_is_in_the_queue(fake: FakeSlurm, array: str, state: str) -> None:
    fake.end(f"{array}_3", state=state)
    assert scheduler.queue()[f"{array}_3"].state == state


def test_a_single_job_has_a_plain_number(fake: FakeSlurm, tmp_path: Path) -> None:
    job = submit(fake, tmp_path)
    assert list(scheduler.queue()) == [job]


def test_an_empty_queue(fake: FakeSlurm) -> None:
    assert scheduler.queue() == {}


@pytest.mark.parametrize(
    "line",
    [
        *("", "|", "||||", "12_3|RUNNING", "12_3|RUNNING|None|node1|a|b", "\0", "\xff\xfe|x"),
        "slurm_load_jobs warning: something",
        *(
            "|RUNNING|None|node1|wgan.x.0",
            "x|RUNNING|None|node1|wgan.x.0",
            "12_x|RUNNING|None|node1|wgan.x.0",
        ),
        *("12_[4-9%2]|PENDING|None||wgan.x.0", "12+1|PENDING|None||wgan.x.0", "12_|PENDING|None||wgan.x.0"),
        *("12_3|||node1|wgan.x.0", "12_3|running or so|None|node1|wgan.x.0"),
    ],
)
def test_damaged_lines_of_the_queue_are_left_out(fake: FakeSlurm, line: str) -> None:
    fake.set(says={"squeue": (0, f"{line}\n7_1|RUNNING|None|node1|wgan.x.0\n{line}", "")})
    assert scheduler.queue() == {"7_1": Job("RUNNING", "node1", "wgan.x.0")}


@pytest.mark.parametrize("state", STATES)
def test_how_a_job_ended(fake: FakeSlurm, array: str, state: str) -> None:
    fake.end(f"{array}_2", state=state, code="1:0")
    found = scheduler.ended([f"{array}_2"])
    assert found[f"{array}_2"] == Job(state, "exit code 1:0, node node1")


def test_who_cancelled_a_job_is_no_part_of_its_state(fake: FakeSlurm, array: str) -> None:
    fake.start(f"{array}_1")
    fake.cancel(f"{array}_1")
    assert scheduler.ended([f"{array}_1"])[f"{array}_1"].state == "CANCELLED"


def test_jobs_cancelled_together_while_they_waited(fake: FakeSlurm, array: str) -> None:
    fake.end(f"{array}_0")
    fake.cancel(array)
    found = scheduler.ended([f"{array}_{i}" for i in range(5)])
    states = [found[f"{array}_{i}"].state for i in range(5)]
    assert states == ["COMPLETED", *["CANCELLED"] * 4]


@pytest.mark.parametrize("ended", [range(0, 100, 2), [*range(1, 100, 3), *range(2, 100, 5)], [0], range(99)])
def test_jobs_cancelled_together_in_an_array_with_gaps(
    fake: FakeSlurm, tmp_path: Path, ended: Sequence[int]
) -> None:
    array = submit(fake, tmp_path, 100, ["--array=0-99%7"])
    fake.end(*(f"{array}_{i}" for i in ended))
    fake.cancel(array)
    found = scheduler.ended([f"{array}_99"])
    cancelled = {int(name.partition("_")[2]) for name, job in found.items() if job.state == "CANCELLED"}
    assert cancelled == set(range(100)) - set(ended)


def test_jobs_that_accounting_never_saw(fake: FakeSlurm, array: str) -> None:
    assert scheduler.ended(["9999_1"]) == {}
    assert scheduler.ended([]) == {}


@pytest.mark.parametrize(
    "settings",
    [
        {"accounting": False},
        {"says": {"sacct": (1, "", "sacct: error: Problem talking to the database: Connection refused")}},
        {"says": {"sacct": (0, "", "")}},
        {"says": {"sacct": (0, "\n|\nno such thing\n", "")}},
    ],
)
def test_without_accounting_nothing_is_known(
    fake: FakeSlurm, array: str, settings: dict[str, object]
) -> None:
    fake.end_all()
    fake.set(**settings)
    assert f"{array}_0" not in scheduler.ended([f"{array}_0"])


def test_jobs_are_asked_for_by_their_arrays(fake: FakeSlurm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "AT_ONCE", 2)
    scheduler.ended(f"{array}_{i}" for i in range(3) for array in (101, 102, 103))
    asked = [words[words.index("-j") + 1] for words in fake.calls("sacct")]
    assert asked == ["101,102", "103"]


def test_cancelling(fake: FakeSlurm, array: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "AT_ONCE", 2)
    other = submit(fake, tmp_path)
    fake.start(f"{array}_1")
    scheduler.cancel([f"{array}_1", f"{array}_2", f"{array}_4", other])
    assert fake.active() == [f"{array}_0", f"{array}_3"]
    assert len(fake.calls("scancel")) == 2


@pytest.mark.parametrize("strict", [False, True])
def test_cancelling_what_has_ended_meanwhile(
    fake: FakeSlurm, array: str, strict: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "AT_ONCE", 2)
    fake.set(strict=strict)
    fake.end(f"{array}_0", f"{array}_1")
    fake.forget(f"{array}_1")
    scheduler.cancel([f"{array}_0", f"{array}_1", f"{array}_2"])
    assert fake.active() == [f"{array}_3", f"{array}_4"]


def test_nothing_to_cancel_asks_nobody(fake: FakeSlurm) -> None:
    scheduler.cancel([])
    assert fake.calls("scancel") == []


def test_limits(fake: FakeSlurm) -> None:
    assert scheduler.limits() == Limits(array=1000, jobs=None)
    fake.set(max_array=17, max_submit=5)
    assert scheduler.limits() == Limits(array=16, jobs=5)


def test_arrays_of_the_limit_are_accepted(fake: FakeSlurm, tmp_path: Path) -> None:
    fake.set(max_array=17)
    submit(fake, tmp_path, scheduler.limits().array)
    with pytest.raises(AssertionError, match="Invalid job array specification"):
        submit(fake, tmp_path, scheduler.limits().array + 2)


@pytest.mark.parametrize(("text", "jobs"), [("\n\n", None), ("200\n\n50\n", 50), ("x\n-1\n9\n", 9)])
def test_the_smallest_limit_of_a_users_accounts(fake: FakeSlurm, text: str, jobs: int | None) -> None:
    fake.set(says={"sacctmgr": (0, text, "")})
    assert scheduler.limits().jobs == jobs


def test_limits_without_accounting(fake: FakeSlurm) -> None:
    fake.set(accounting=False, max_submit=5)
    assert scheduler.limits() == Limits(array=1000, jobs=None)


@pytest.mark.parametrize("text", ["", "MaxArraySize\n", "MaxArraySize = many\n", "\xff\xfe"])
def test_limits_from_damaged_answers_are_slurms_defaults(fake: FakeSlurm, text: str) -> None:
    fake.set(says={"scontrol": (0, text, "")})
    assert scheduler.limits().array == 1000


def test_a_cluster_without_arrays_takes_single_jobs(fake: FakeSlurm) -> None:
    fake.set(max_array=0)
    assert scheduler.limits().array == 1


def test_whose_limit_is_asked_for(fake: FakeSlurm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER", "ada")
    scheduler.limits()
    assert "user=ada" in fake.calls("sacctmgr")[0]


def test_whose_limit_is_asked_for_where_no_variable_tells(
    fake: FakeSlurm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container, or below cron."""
    for name in ("USER", "LOGNAME", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    scheduler.limits()
    assert f"user={pwd.getpwuid(os.getuid()).pw_name}" in fake.calls("sacctmgr")[0]


@pytest.mark.parametrize("error", [KeyError, OSError])
def test_a_user_without_a_name_has_no_known_limit(
    fake: FakeSlurm, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def none() -> str:
        raise error

    monkeypatch.delenv("USER", raising=False)
    monkeypatch.setattr("getpass.getuser", none)
    fake.set(says={"sacctmgr": (0, "7\n", "")})
    assert scheduler.limits().jobs is None
    assert fake.calls("sacctmgr") == []
    with pytest.raises(Silent, match="has no name on this machine"):
        scheduler.user()


QUESTIONS = {
    "squeue": scheduler.queue,
    "scontrol": scheduler.limits,
    "scancel": lambda: scheduler.cancel(["1_1"]),
}


@pytest.mark.parametrize("command", QUESTIONS)
def test_a_controller_that_does_not_answer(fake: FakeSlurm, command: str) -> None:
    fake.set(down=True)
    with pytest.raises(Silent, match=r"Unable to contact slurm controller \(connect failure\)"):
        QUESTIONS[command]()


@pytest.mark.parametrize("command", QUESTIONS)
def test_a_command_that_is_not_there(fake: FakeSlurm, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.remove(command)
    monkeypatch.setenv("PATH", str(fake.bin))
    with pytest.raises(Silent, match=f"{command}: not found"):
        QUESTIONS[command]()


@pytest.mark.parametrize("command", QUESTIONS)
def test_a_command_that_may_not_be_run(
    fake: FakeSlurm, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (fake.bin / command).chmod(0o644)
    monkeypatch.setenv("PATH", str(fake.bin))
    with pytest.raises(Silent, match=command):
        QUESTIONS[command]()


@pytest.mark.parametrize("command", QUESTIONS)
def test_a_command_that_takes_too_long(
    fake: FakeSlurm, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.set(slow={command: 30.0})
    monkeypatch.setattr(scheduler, "SECONDS", 0.3)
    with pytest.raises(Silent, match=f"{command} gave no answer within 0.3 seconds"):
        QUESTIONS[command]()


def test_a_failure_without_a_word_is_told_by_its_status(fake: FakeSlurm) -> None:
    fake.set(says={"squeue": (3, "", "")})
    with pytest.raises(Silent, match="squeue: exit status 3"):
        scheduler.queue()


def test_questions_are_asked_in_full(fake: FakeSlurm) -> None:
    """What users set for themselves does not change the answers that are read."""
    assert "SQUEUE_FORMAT" not in os.environ
    scheduler.queue()
    (words,) = fake.calls("squeue")
    assert {"--noheader", "--array"} <= set(words)
    assert any(word.startswith("--format=") for word in words)
