"""``launch`` and ``cancel``: what is submitted, how often, and what is not."""

import errno
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from suite.cli import parse
from suite.cluster import freeze, scheduler
from suite.cluster.submit import WARNING
from suite.commands import status
from suite.commands.cancel import OVERRIDE
from suite.commands.follow_up import further
from suite.data import catalogue
from suite.launch import local
from suite.launch.costs import of_reference
from suite.store.record import Record
from suite.store.reference import Made, write_reference
from suite.store.version import ROOT, code, fingerprint
from tests.cli.calls import Answer, Place, call, selected
from tests.cli.test_borrowing import BORROWER
from tests.cluster.fake.slurm import FakeSlurm, Running, submit
from tests.cluster.fake.state import Array
from tests.cluster.site import APART, Site, site
from tests.launch.small import PAIR, PoolHere, write_experiments

GOLDEN = Path(__file__).parent / "golden"


def once(here: Site, runs: int = 8) -> bool:
    """Whether every run is in one job that waits or runs."""
    return sorted(here.live().values()) == [1] * runs


# --- Once, and not twice ------------------------------------------------------------------------------


def test_every_missing_run_is_submitted_once(here: Site) -> None:
    answer = here.launch(*APART)
    assert once(here)
    assert "8" in answer.out
    assert answer.err == ""
    (submission,) = here.submissions()
    assert submission.name in answer.out


def test_runs_that_fit_are_bundled_into_one_job(here: Site) -> None:
    here.launch()
    assert len(here.trains()) == 1
    assert once(here)


def test_a_plan_as_json_tells_of_the_jobs_that_a_launch_submits(here: Site) -> None:
    settings = [word for each in APART for word in ("--set", each)]
    words = ("plan", "--json", "--cluster", str(here.profile), *settings)
    planned = json.loads(here.place.call(*words).out)["cluster"]
    assert here.submissions() == []
    here.launch(*APART)
    assert sorted(job["runs"] for job in planned["jobs"]) == sorted(here.trains().values())
    assert all(job["seconds"] > 0 for job in planned["jobs"])
    assert (planned["runs"], planned["in_jobs"], sum(planned["arrays"]), planned["left_out"]) == (8, 0, 8, 0)
    after = json.loads(here.place.call(*words).out)["cluster"]
    assert (after["runs"], after["in_jobs"], after["jobs"]) == (0, 8, [])


def test_a_batch_that_is_over_the_limit_needs_requeues_on_many_cores_as_on_one(here: Site) -> None:
    """Two batches alike, of 50 minutes, and a limit of 15; both divided by 16 cores would be 6 minutes."""
    longer = "iterations=20000"
    (study,) = json.loads(here.place.call("plan", "--json", longer).out)["studies"]
    answer = here.place.call(*here.words("cpus=16", f"speed={study['seconds'] / 2 / 3000}"), longer)
    assert re.search(r"^jobs +1, the longest about 50 min of 15 min$", answer.out, re.MULTILINE)
    assert re.search(r"^requeues +the longest job needs 3 of 10$", answer.out, re.MULTILINE)


def test_a_second_launch_submits_nothing(here: Site) -> None:
    here.launch()
    calls = len(here.fake.calls("sbatch"))
    answer = here.launch()
    assert answer.out == "nothing to submit, 8 runs wait or are at work\n"
    assert len(here.fake.calls("sbatch")) == calls
    assert len(here.submissions()) == 1


def test_a_launch_at_another_scale_is_another_launch(here: Site) -> None:
    here.launch()
    assert here.place.call(*here.words(), "--scale", "smoke").status == 0
    assert len(here.live()) == 12


def test_the_command_that_is_printed_tells_of_these_runs(here: Site) -> None:
    """Whatever the folder of results is called; this one is called as the usual one is."""
    answer = here.place.call(*here.words(), "pair", "--tag", "toy", "--scale", "smoke")
    (printed,) = re.findall(r"^where they stand: .* (status .*)$", answer.out, re.MULTILINE)
    counts = Counter(
        row["state"] for row in json.loads(call(*shlex.split(printed), "--json").out)["small/pair"]
    )
    assert counts == {"waiting": 4}
    assert here.place.results.name == "results"


def test_the_usual_folders_need_not_be_named() -> None:
    assert selected("launch", "wgan/*").typed("status").endswith(" status 'wgan/*' --scale desk")


def test_the_job_that_goes_on_is_told_of_the_folder_of_data(tmp_path: Path) -> None:
    """So that the commands on its report name it."""
    words = further(parse(["launch", "--data", str(tmp_path)]), tmp_path, tmp_path)
    assert parse(words).data == tmp_path
    assert "--data" not in further(parse(["launch"]), tmp_path, tmp_path)


def test_what_is_trained_already_is_not_submitted(here: Site, trained: Place) -> None:
    done = [run for run in trained.records() if ".clip." in run]
    here.finish(trained, *done)
    here.launch()
    assert len(here.live()) == 4
    assert not set(here.live()) & set(done)


def test_a_job_goes_on_after_all_others(here: Site) -> None:
    here.fake.set(max_array=4)
    here.launch(*APART)
    *arrays, last = here.fake.arrays()
    assert last.option("dependency") == "afterany:" + ":".join(str(array.id) for array in arrays)
    assert len(arrays) == 3
    assert last.indices is None


def test_no_job_goes_on_where_none_is_wanted(here: Site) -> None:
    assert here.place.call(*here.words(), "--no-follow-up").status == 0
    assert len(here.fake.arrays()) == 1


def test_a_thousand_runs_are_submitted_once_each(fake: FakeSlurm, tmp_path: Path) -> None:
    levels = ", ".join(str(size) for size in range(4, 171))
    factor = f"factors:\n  size: {{at: batch_size, values: [{levels}]}}\nmetrics:\n"
    text = PAIR.replace("metrics:\n", factor)
    text = text.replace("    better: higher\n", "    better: higher\n    where: {size: 4}\n")
    write_experiments(tmp_path, text)
    here = site(tmp_path, fake)
    fake.set(max_array=101)
    here.launch("target=1s", "speed=0.000001", "max_jobs=2000")
    assert once(here, runs=1004)
    sizes = [len(array.names()) for array in fake.arrays()]
    assert set(sizes[:-2]) == {100}
    assert here.states() == {"waiting": 1004}
    here.launch("target=1s", "speed=0.000001", "max_jobs=2000")
    assert once(here, runs=1004)


# --- Limits -------------------------------------------------------------------------------------------


def test_arrays_are_no_longer_than_the_cluster_allows(here: Site) -> None:
    here.fake.set(max_array=4)
    here.launch(*APART)
    assert [len(array.names()) for array in here.fake.arrays()] == [3, 3, 2, 1]
    assert once(here)


@pytest.mark.parametrize("limit", [3, 5, 9])
def test_launching_again_and_again_comes_to_an_end(here: Site, trained: Place, limit: int) -> None:
    """The queue takes few jobs at once; the job that goes on is one of them."""
    here.fake.set(max_submit=limit)
    submitted = Counter[str]()
    while not (answer := here.launch(*APART)).out.startswith("nothing to submit"):
        wanted = int(re.findall(r"^runs to be trained +(\d+)", answer.out, re.MULTILINE)[0])
        assert len(here.fake.active()) == min(limit, wanted + 1)
        assert ("left for later" in answer.out) == (wanted > limit - 1)
        submitted += here.live()
        here.finish(trained, *here.live())
        here.fake.end_all()
    assert submitted == dict.fromkeys(trained.records(), 1)


def test_a_full_queue_takes_nothing_and_loses_nothing(here: Site) -> None:
    here.fake.set(max_submit=2)
    here.launch(*APART)
    before = here.live()
    assert len(before) == 1
    answer = here.launch(*APART)
    full = "7 jobs: the queue is full, 2 jobs of yours in it and 2 allowed by the cluster; launch again"
    assert re.search(f"^left for later +{full}$", answer.out, re.MULTILINE)
    assert here.live() == before
    assert len(here.submissions()) == 1


@pytest.mark.parametrize(
    ("most", "limit", "says"),
    [
        (1, None, "max_jobs allows 1\n    set max_jobs to 2 or more"),
        (9, 1, "the cluster allows 1\n    train here"),
    ],
)
def test_a_queue_that_never_has_room(here: Site, most: int, limit: int | None, says: str) -> None:
    here.fake.set(max_submit=limit)
    answer = here.place.call(*here.words(*APART, f"max_jobs={most}"))
    assert answer.status == 2
    assert answer.err.startswith("error: the queue never has room: ")
    assert says in answer.err
    assert here.fake.calls("sbatch") == []


def test_an_option_that_sbatch_does_not_know_is_named(here: Site) -> None:
    answer = here.place.call(*here.words("options.nosuch=a100"))
    assert answer.status == 2
    assert "error: sbatch refused: unrecognized option '--nosuch=a100'\n" in answer.err


def test_a_limit_that_only_sbatch_knows(here: Site) -> None:
    """Without accounting's answer the second array is refused; the first stays, and is known."""
    here.fake.set(max_array=4, max_submit=5, says={"sacctmgr": (1, "", "no")})
    answer = here.place.call(*here.words(*APART))
    assert answer.status == 2
    refused = "sbatch refused: Batch job submission failed: Job violates accounting/QOS policy"
    assert f"error: the jobs after these were not submitted: {refused}" in answer.err
    assert "Traceback" not in answer.err
    (array,) = here.fake.arrays()
    assert re.search(rf"^submitted .*: jobs {array.id}$", answer.out, re.MULTILINE)
    assert here.states() == {"waiting": 3, "missing": 5}
    here.fake.set(max_submit=None)
    here.launch(*APART)
    assert once(here)


def test_a_job_that_goes_on_which_sbatch_refuses(here: Site) -> None:
    """What trains is submitted; the next launch adds what goes on."""
    here.fake.set(max_submit=1, says={"sacctmgr": (1, "", "no")})
    answer = here.place.call(*here.words())
    assert answer.status == 2
    assert "error: the job that goes on after these was not submitted: sbatch refused:" in answer.err
    (trains,) = here.trains()
    assert f": jobs {trains}\n" in answer.out
    assert once(here)
    here.fake.set(max_submit=None)
    here.launch()
    assert once(here)
    assert len(waiting(here)) == 1


def test_a_job_that_goes_on_tries_again_where_sbatch_refuses_the_next(here: Site, trained: Place) -> None:
    here.launch()
    train(here, trained)
    here.fake.set(max_submit=2, says={"sacctmgr": (1, "", "no")})
    (own,) = waiting(here)
    assert follow(here).status == 0
    assert waiting(here) == [own]
    assert len(here.live()) == 4
    here.fake.set(max_submit=None)
    assert follow(here).status == 0
    assert len(waiting(here)) == 1


# --- The job that goes on, and the queue ---------------------------------------------------------------


def follow(here: Site, *settings: str, own: str = "") -> Answer:
    """The job that goes on does its work, in this process; of several the one that is named."""
    if not own:
        (own,) = waiting(here)
    here.fake.start(own)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLURM_JOB_ID", own)
        answer = here.place.call(*here.words(*settings), "--follow")
    if here.fake.jobs()[own].state == "RUNNING":
        here.fake.end(own, state="FAILED" if answer.status else "COMPLETED")
    return answer


def waiting(here: Site) -> list[str]:
    """The jobs in the queue that go on after others."""
    named = (array for array in here.fake.arrays() if array.option("job-name").endswith(".next"))
    return [str(array.id) for array in named if str(array.id) in here.fake.active()]


def train(here: Site, trained: Place) -> None:
    """All jobs in the queue that train end, with records."""
    here.finish(trained, *here.live())
    here.fake.end(*(job for job in here.trains() if job in here.fake.active()))


def has_report(here: Site) -> bool:
    return (here.place.results / "report").exists()


def test_the_job_that_goes_on_takes_no_room_from_the_next(here: Site, trained: Place) -> None:
    """It leaves when it has submitted; with room for two each job that trains has one behind it."""
    settings = (*APART, "max_jobs=2")
    here.launch(*settings)
    rounds = 0
    while here.fake.active():
        rounds += 1
        assert len(here.live()) == 1
        assert not has_report(here)
        train(here, trained)
        assert follow(here, *settings).status == 0
    assert rounds == len(here.place.records()) == 12
    assert has_report(here)


def test_the_job_that_goes_on_waits_for_room(here: Site, trained: Place, tmp_path: Path) -> None:
    """It keeps its own place in the queue, and neither reports nor lets the rest go."""
    settings = (*APART, "max_jobs=3")
    here.launch(*settings)
    (own,) = waiting(here)
    train(here, trained)
    others = [submit(here.fake, tmp_path) for _ in range(2)]
    for times in (1, 2):
        answer = follow(here, *settings)
        assert answer.status == 0, answer
        assert answer.out.endswith(f"job {own} goes back into the queue, and looks again in some minutes\n")
        assert here.fake.jobs()[own].restarts == times
        assert waiting(here) == [own]
        assert here.live() == {}
        assert not has_report(here)
    here.fake.end(*others)
    assert follow(here, *settings).status == 0
    assert len(here.live()) == 2
    assert len(waiting(here)) == 1


def test_the_job_that_goes_on_fails_where_there_is_never_room(here: Site, trained: Place) -> None:
    """The cluster counts it until it has ended, so that a limit of two is one too few."""
    here.fake.set(max_submit=2)
    here.launch(*APART)
    train(here, trained)
    answer = follow(here, *APART)
    assert answer.status == 2
    assert answer.err.startswith("error: the queue never has room for this job, one that trains and the next")
    assert waiting(here) == []
    assert not has_report(here)


def test_the_job_that_goes_on_fails_where_it_cannot_wait(here: Site, tmp_path: Path) -> None:
    here.place.begin()
    submit(here.fake, tmp_path)
    words = [*here.words(*APART, "max_jobs=2"), "--follow"]
    by_hand = here.place.call(*words)
    assert (by_hand.status, by_hand.err.splitlines()[0]) == (2, "error: the queue is full")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLURM_JOB_ID", "77")
        refused = here.place.call(*words)
    assert refused.status == 2
    assert refused.err.startswith(
        "error: the queue is full, and this job cannot wait in it: scontrol: Invalid job"
    )
    assert not has_report(here)


def test_a_job_that_goes_on_leaves_another_behind_the_jobs_of_others(here: Site, trained: Place) -> None:
    """Whether theirs will go on as well cannot be known."""
    here.launch()
    (own,) = waiting(here)
    here.fake.cancel(*here.trains())
    here.launch()
    (other,) = (job for job in waiting(here) if job != own)
    answer = follow(here, own=own)
    (heir,) = (job for job in waiting(here) if job not in (own, other))
    assert f"job {heir} goes on when these have ended: further looks, or the report\n" in answer.out
    (trains,) = (job for job in here.trains() if job in here.fake.active())
    dependencies = {str(array.id): array.option("dependency") for array in here.fake.arrays()}
    assert dependencies[heir] == f"afterany:{trains}"
    here.fake.cancel(other)
    train(here, trained)
    assert follow(here, own=heir).status == 0
    train(here, trained)
    assert "report: " in follow(here).out
    assert here.fake.active() == []


def test_a_job_that_goes_on_waits_for_the_jobs_of_others_where_it_may_leave_none(here: Site) -> None:
    here.launch()
    (own,) = waiting(here)
    here.fake.cancel(*here.trains())
    here.launch("max_jobs=3")
    here.fake.set(max_submit=3)
    answer = follow(here, own=own)
    assert answer.status == 0
    assert f"job {own} goes back into the queue, and looks again in some minutes\n" in answer.out
    assert here.fake.jobs()[own].restarts == 1
    assert not has_report(here)


@pytest.mark.parametrize("end", ["CANCELLED", "FAILED"])
def test_a_launch_replaces_the_job_that_went_on(here: Site, trained: Place, end: str) -> None:
    here.launch()
    here.fake.end(*waiting(here), state=end)
    answer = here.launch()
    (own,) = waiting(here)
    assert answer.out.endswith(f"job {own} goes on when these have ended: further looks, or the report\n")
    assert here.launch().out == "nothing to submit, 8 runs wait or are at work\n"
    assert f"follow-up  job {own} pending: Dependency\n" in here.place.call("status").out
    train(here, trained)
    assert follow(here).status == 0
    assert len(here.live()) == 4
    assert here.place.call("cancel").out.startswith("cancelled 2 jobs;")


def test_a_job_that_goes_on_after_failures_tells_of_them(here: Site) -> None:
    here.launch()
    here.fake.end(*here.trains(), state="FAILED", code="1:0")
    answer = follow(here)
    assert answer.out.startswith("nothing to submit\n8 runs failed or were lost: launch again\n")
    assert "report: " in answer.out


def test_no_job_goes_on_where_none_is_wanted_for_the_jobs_of_others(here: Site) -> None:
    for _ in range(2):
        assert here.place.call(*here.words(), "--no-follow-up").status == 0
    assert waiting(here) == []


def test_when_all_is_trained_a_launch_names_the_report(here: Site, trained: Place) -> None:
    here.finish(trained, *trained.records())
    answer = here.launch()
    assert answer.out.startswith("nothing to submit: all is trained\n")
    (printed,) = re.findall(r"^its report: .* (report .*)$", answer.out, re.MULTILINE)
    assert call(*shlex.split(printed)).status == 0
    assert has_report(here)


def test_the_job_that_goes_on_has_the_profile_of_its_launch(here: Site, trained: Place) -> None:
    """Whatever becomes of the file, and with what was set on top."""
    here.launch("options.comment=x")
    here.profile.unlink()
    train(here, trained)
    (own,) = waiting(here)
    assert here.fake.execute(own).state == "COMPLETED"
    first, *_, last = here.fake.arrays()
    assert (last.option("partition"), last.option("comment")) == ("main", "x")
    assert last.id > first.id + 1
    assert here.submissions()[1].joinpath("submission.json").read_text().count(str(here.profile)) == 1


def test_further_looks_that_wait_are_told_of(here: Site, trained: Place) -> None:
    here.launch()
    train(here, trained)
    assert follow(here).status == 0
    assert here.states() == {"finished": 8, "waiting": 4}


def test_watching_lasts_until_nothing_goes_on(
    here: Site, trained: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two looks no run waits or is at work, but the job that submits the second does."""
    here.launch()
    train(here, trained)
    rounds = []

    def sleep(seconds: float) -> None:
        rounds.append(seconds)
        if len(rounds) == 1:
            here.fake.start(*waiting(here))
        else:
            here.fake.end(*waiting(here), state="FAILED", code="1:0")

    monkeypatch.setattr(status, "time", SimpleNamespace(sleep=sleep))
    (own,) = waiting(here)
    answer = here.place.call("status", "--watch")
    assert len(rounds) == 2
    told = re.findall("^follow-up  .*", answer.out, re.MULTILINE)
    assert told[:2] == [f"follow-up  job {own} pending: Priority", f"follow-up  job {own} on node1"]
    assert told[2].startswith(f"follow-up  job {own} FAILED, exit code 1:0, node node1")


# --- Without a scheduler ------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["launch", "cancel"])
def test_a_machine_without_slurm(
    here: Site, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    answer = here.place.call(command)
    assert answer.status == 2
    assert answer.out == ""
    assert re.fullmatch(r"error: there is no SLURM on this machine[^\n]*\n    [^\n]*\n", answer.err)
    assert not here.place.results.exists()


@pytest.mark.parametrize("command", ["squeue", "scontrol"])
def test_a_launch_without_an_answer_submits_nothing(here: Site, command: str) -> None:
    why = f"{command}: error: Socket timed out on send/recv operation"
    here.fake.set(says={command: (1, "", why)})
    answer = here.place.call(*here.words())
    assert answer.status == 2
    assert answer.err.startswith(f"error: the scheduler does not answer: {command}: {why}\n    ")
    assert answer.err.count("\n") == 2
    assert here.fake.calls("sbatch") == []


def test_a_silent_controller_loses_nothing(here: Site) -> None:
    here.launch()
    here.fake.set(down=True)
    before = {path: path.read_bytes() for path in here.place.results.rglob("*") if path.is_file()}
    for words in (here.words(), ["cancel"]):
        answer = here.place.call(*words)
        assert answer.status == 2
        assert "Unable to contact slurm controller (connect failure)" in answer.err
        assert "Traceback" not in answer.err
    assert here.states() == {"waiting": 8}
    assert {path: path.read_bytes() for path in before} == before
    here.fake.set(down=False)
    assert here.launch().out.startswith("nothing to submit")


def test_a_scheduler_that_takes_too_long(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "SECONDS", 0.3)
    here.fake.set(slow={"squeue": 30.0})
    answer = here.place.call(*here.words())
    assert answer.status == 2
    assert "squeue gave no answer within 0.3 seconds" in answer.err


def test_an_answer_of_the_queue_that_makes_no_sense_submits_nothing_twice(here: Site) -> None:
    """Accounting still knows the jobs."""
    here.launch()
    here.fake.set(says={"squeue": (0, "\xff\xfe garbage\n|||\n", "")})
    assert here.place.call(*here.words()).status in (0, 2)
    here.fake.set(says={})
    assert once(here)


# --- What cannot be trained ---------------------------------------------------------------------------


@pytest.fixture
def pictures(here: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A second experiment, whose data are not there."""
    monkeypatch.setenv(catalogue.VARIABLE, str(tmp_path / "data"))
    text = PAIR.replace("small/pair", "small/pictures").replace("data: eight_gaussians", "data: cifar10")
    (here.place.file.parent / "pictures.yaml").write_text(text)
    return here


def test_what_can_be_submitted_is_and_the_rest_is_told(pictures: Site) -> None:
    answer = pictures.place.call(*pictures.words())
    assert answer.status == 0
    assert answer.err.startswith("not run  small/pictures: CIFAR-10: no ")
    assert once(pictures)
    assert all(".pair." in run for run in pictures.live())


def test_where_nothing_can_be_submitted_the_status_tells(pictures: Site) -> None:
    answer = pictures.place.call(*pictures.words(), "pictures")
    assert answer.status == 1
    assert answer.out.endswith("nothing to submit\n")
    assert answer.err.startswith("not run  small/pictures: CIFAR-10: no ")
    assert pictures.submissions() == []


def test_the_job_that_goes_on_is_well_where_other_data_are_missing(pictures: Site, trained: Place) -> None:
    pictures.finish(trained, *trained.records())
    answer = pictures.place.call(*pictures.words(), "--follow")
    assert answer.status == 0
    assert "report: " in answer.out


@pytest.mark.parametrize(("batch", "accumulate", "parts"), [(12, 1, 8), (64, 4, 128), (8, 2, 16)])
def test_a_batch_that_the_processes_cannot_share_is_not_submitted(
    here: Site, batch: int, accumulate: int, parts: int
) -> None:
    here.place.edit("batch_size: 4\n", f"batch_size: {batch}\n  accumulate: {accumulate}\n")
    answer = here.place.call(*here.words(f"processes={parts // accumulate}"))
    assert answer.status == 2
    assert answer.err.startswith(f"error: small/pair, clip: a batch of {batch} has no {parts} equal parts")
    assert answer.err.endswith(
        f"    choose a batch_size that {parts} divides, or another number of processes\n"
    )
    assert here.fake.calls("sbatch") == []
    assert not here.place.records()


def test_a_batch_that_the_processes_can_share_is(here: Site) -> None:
    here.place.edit("batch_size: 4\n", "batch_size: 64\n  accumulate: 4\n")
    here.launch("processes=16")
    assert once(here)


def test_a_batch_that_is_not_trained_need_not_be_shared(pictures: Site) -> None:
    path = pictures.place.file.parent / "pictures.yaml"
    path.write_text(path.read_text().replace("batch_size: 4\n", "batch_size: 5\n"))
    pictures.launch("processes=2")
    assert once(pictures)


# --- Crashes ------------------------------------------------------------------------------------------


def crash(here: Site, when: str, *settings: str) -> None:
    """A launch that is killed by its first call of sbatch."""
    here.fake.set(kill=when)
    process = here.place.start(*here.words(*settings))
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    here.fake.set(kill="")


def test_a_crash_before_sbatch(here: Site) -> None:
    crash(here, "before", *APART)
    assert here.states() == {"missing": 8}
    here.launch(*APART)
    assert once(here)
    assert here.states() == {"waiting": 8}


def test_a_crash_between_sbatch_and_the_manifest(here: Site) -> None:
    crash(here, "after")
    assert once(here)
    assert here.states() == {"waiting": 8}
    here.launch()
    assert once(here)


def test_a_crash_after_the_first_of_several_arrays(here: Site) -> None:
    here.fake.set(max_array=4)
    crash(here, "after", *APART)
    assert here.states() == {"waiting": 3, "missing": 5}
    here.launch(*APART)
    assert once(here)


def test_jobs_that_no_manifest_knows_end_and_are_submitted_again(here: Site) -> None:
    unheard(here)
    here.fake.end_all(state="NODE_FAIL")
    here.launch()
    assert once(here)
    here.fake.end_all(state="NODE_FAIL")
    assert here.states() == {"lost": 8}


def test_jobs_that_no_manifest_knows_can_be_cancelled(here: Site) -> None:
    unheard(here, *APART)
    assert here.place.call("cancel").status == 0
    assert here.fake.active() == []


def unheard(here: Site, *settings: str) -> Answer:
    """A launch whose jobs are in the queue although sbatch said that it failed."""
    here.fake.set(unheard=True)
    answer = here.place.call(*here.words(*settings))
    here.fake.set(unheard=False)
    return answer


def test_an_answer_of_sbatch_that_nobody_heard(here: Site) -> None:
    answer = unheard(here)
    assert answer.status == 2
    assert "Socket timed out on send/recv operation" in answer.err
    assert here.states() == {"waiting": 8}
    here.launch()
    assert once(here)


@pytest.mark.parametrize("said", ["", "Submitted batch job\n", "sbatch: warning\n"])
def test_an_answer_of_sbatch_that_makes_no_sense(here: Site, said: str) -> None:
    here.fake.set(says={"sbatch": (0, said, "")})
    answer = here.place.call(*here.words())
    assert answer.status == 2
    assert "Traceback" not in answer.err
    assert here.states() == {"missing": 8}


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"id": "../../x"}', b"\xff"])
def test_a_damaged_manifest_is_no_hindrance_once_its_jobs_have_ended(here: Site, damage: bytes) -> None:
    here.launch()
    path = here.submissions()[0] / "submission.json"
    path.write_bytes(damage)
    (job,) = here.trains()
    for words in (here.words(), ["status"], ["cancel"]):
        answer = here.place.call(*words)
        assert f"{path}: cannot be read, and its jobs {job} are in the queue\n" in answer.err
        assert f"scancel {job}\n" in answer.err
        assert answer.status == (2 if words == here.words() else 0)
    assert once(here)
    here.fake.end_all(state="FAILED")
    assert here.states() == {"missing": 8}
    assert here.launch().err == f"{path}: cannot be read, it is left out\n"
    assert once(here)


def test_two_launches_at_the_same_time_submit_once(here: Site) -> None:
    here.fake.set(slow={"sbatch": 1.0})
    both = [here.place.start(*here.words()) for _ in range(2)]
    ends = [process.communicate(timeout=120) for process in both]
    assert once(here), ends


# --- Cancelling ---------------------------------------------------------------------------------------


def test_cancel_takes_back_all_jobs(here: Site) -> None:
    here.launch(*APART)
    jobs = list(here.trains())
    here.fake.start(jobs[0])
    here.fake.end(jobs[1])
    answer = here.place.call("cancel")
    assert answer.status == 0
    assert here.fake.active() == []
    assert "cancelled 8 jobs" in answer.out
    assert here.states() == {"lost": 7, "failed": 1}
    here.launch(*APART)
    assert once(here)


def test_cancel_leaves_the_jobs_of_others(here: Site, tmp_path: Path) -> None:
    here.launch()
    other = here.fake.run("sbatch", str(_batch_file(tmp_path))).stdout.split()[-1]
    here.place.call("cancel")
    assert here.fake.active() == [other]


def _batch_file(folder: Path) -> Path:
    path = folder / "other.sh"
    path.write_text("#!/bin/bash\n#SBATCH --job-name=wgan.other.0\ntrue\n")
    return path


@pytest.fixture
def two(here: Site) -> Site:
    """A second experiment that is like the first."""
    (here.place.file.parent / "twin.yaml").write_text(PAIR.replace("small/pair", "small/twin"))
    return here


def of(experiment: str, runs: Iterable[str]) -> list[str]:
    return sorted(run for run in runs if run.startswith(f"small.{experiment}."))


def test_cancel_names_the_others_in_the_same_job_and_how_to_go_on_with_them(two: Site) -> None:
    two.launch()
    (job,) = two.trains()
    follow_up = two.fake.active()[-1]
    answer = two.place.call("cancel", "pair")
    assert answer.out.splitlines()[:3] == [
        "in the same jobs are runs of other experiments, which stop with them:",
        "    small/twin  8 runs",
        "to start these again, with the same --set as before:",
    ]
    assert f"job {follow_up} stays" in answer.out
    assert "cancelled 1 job;" in answer.out
    assert two.fake.active() == [follow_up]
    (printed,) = re.findall(r"^ +.* (launch .*)$", answer.out, re.MULTILINE)
    assert call(*shlex.split(printed)).status == 0
    assert sorted(two.live()) == of("twin", two.trains()[job])


def test_cancel_names_the_variants_in_the_same_job(here: Site) -> None:
    assert here.place.call(*here.words(), "iterations=20,30", "batch_size=4").status == 0
    answer = here.place.call("cancel", "pair", "iterations=20", "batch_size=4")
    assert "    small/pair batch_size=4 iterations=30  8 runs\n" in answer.out
    assert " launch small/pair batch_size=4 iterations=30 --scale desk " in answer.out


def test_overrides_are_told_apart_where_names_of_arms_have_blanks() -> None:
    variant = "arms.clip 0.1.constraint.bound=0.2 batch_size=4 critic.width=8"
    assert OVERRIDE.split(variant) == [
        "arms.clip 0.1.constraint.bound=0.2",
        "batch_size=4",
        "critic.width=8",
    ]


def execute(here: Site) -> None:
    """All jobs in the queue that train are executed."""
    for job in [job for job in here.trains() if job in here.fake.active()]:
        assert here.fake.execute(job).state == "COMPLETED"


def experiments(here: Site) -> set[str]:
    """Of which there are runs in jobs that wait or run."""
    return {run.split(".")[1] for run in here.live()}


@pytest.mark.slow
def test_no_further_looks_are_asked_for_at_what_was_cancelled(two: Site) -> None:
    """Until somebody launches it again; what goes on goes on with the others, to the end."""
    two.launch()
    execute(two)
    assert "cancelled 0 jobs" in two.place.call("cancel", "pair").out
    assert follow(two).status == 0
    assert experiments(two) == {"twin"}
    execute(two)
    assert "report: " in follow(two).out
    two.launch()
    assert experiments(two) == {"pair"}


@pytest.mark.slow
def test_further_looks_at_a_lent_arm_are_its_lenders(here: Site) -> None:
    (here.place.file.parent / "borrower.yaml").write_text(BORROWER)
    here.launch()
    execute(here)
    here.place.call("cancel", "borrower")
    assert follow(here).status == 0
    assert len(here.live()) == 4


def test_a_lent_run_is_its_lenders_where_that_was_launched_as_well(here: Site) -> None:
    (here.place.file.parent / "borrower.yaml").write_text(BORROWER)
    here.launch()
    assert "    small/pair  8 runs\n" in here.place.call("cancel", "borrower").out
    assert here.place.call("cancel").out.startswith("cancelled 1 job;")
    assert here.place.call(*here.words(), "borrower").status == 0
    assert here.place.call("cancel", "borrower").out.startswith("cancelled 2 jobs;")


def test_cancel_leaves_the_jobs_of_other_experiments(two: Site) -> None:
    two.launch(*APART)
    follow_up = two.fake.active()[-1]
    answer = two.place.call("cancel", "pair")
    assert sorted(two.live()) == of("twin", two.live())
    assert len(two.live()) == 8
    assert follow_up in two.fake.active()
    assert "which stop with them" not in answer.out
    assert two.place.call("cancel", "twin").out.startswith(f"job {follow_up} stays")
    assert two.fake.active() == [follow_up]
    assert two.place.call("cancel").out.startswith("cancelled 1 job;")
    assert two.fake.active() == []


def test_cancel_of_what_has_ended_stops_nothing(two: Site) -> None:
    two.launch(*APART)
    trains = two.trains()
    two.fake.end(*(job for job, runs in trains.items() if of("pair", runs)))
    before = two.fake.active()
    assert "cancelled 0 jobs" in two.place.call("cancel", "pair").out
    assert two.fake.active() == before


def test_cancel_leaves_a_job_that_is_at_the_runs_of_others(two: Site, trained: Place) -> None:
    two.launch()
    (job,) = two.trains()
    two.fake.start(job)
    two.finish(trained, *of("pair", two.live()))
    assert "cancelled 0 jobs" in two.place.call("cancel", "pair").out
    assert job in two.fake.active()


def test_cancel_of_all_that_was_launched_leaves_nothing_to_go_on(two: Site) -> None:
    assert two.place.call(*two.words(), "pair").status == 0
    two.fake.end(*two.trains())
    assert len(two.fake.active()) == 1
    assert two.place.call("cancel", "pair").out.startswith("cancelled 1 job;")
    assert two.fake.active() == []


def test_cancel_waits_for_a_launch_that_is_at_work(here: Site) -> None:
    here.fake.set(slow={"sbatch": 1.0})
    launch = here.place.start(*here.words())
    until(lambda: bool(here.fake.calls("sbatch")))
    answer = here.place.call("cancel")
    launch.communicate(timeout=60)
    assert answer.out.startswith("cancelled 2 jobs;"), answer
    assert here.fake.active() == []


def goes_on(here: Site, trained: Place, *settings: str) -> tuple[str, Running]:
    """A job that goes on and is really executed, when it asks for the queue, which takes a while."""
    here.launch(*settings)
    train(here, trained)
    (own,) = waiting(here)
    here.fake.set(slow={"squeue": 2.0})
    asked = len(here.fake.calls("squeue"))
    running = here.fake.begin(own)
    until(lambda: len(here.fake.calls("squeue")) > asked)
    return own, running


def test_a_job_that_goes_on_and_is_cancelled_at_work_submits_nothing(here: Site, trained: Place) -> None:
    own, running = goes_on(here, trained)
    here.fake.cancel(own)
    assert running.finish().state == "CANCELLED"
    assert here.fake.active() == []


def test_a_job_that_goes_on_and_has_no_time_left_begins_again(here: Site, trained: Place) -> None:
    own, running = goes_on(here, trained, "time=10m", "signal=1m")
    running.signal("USR2")
    left = running.finish()
    assert (left.state, left.restarts) == ("PENDING", 1)
    assert here.fake.active() == [own]


def test_nothing_to_cancel(here: Site) -> None:
    here.place.begin()
    answer = here.place.call("cancel")
    assert answer.status == 0
    assert answer.out.startswith("cancelled 0 jobs")


# --- What is submitted --------------------------------------------------------------------------------

PROFILES = {
    "cpu": ("partition=",),
    "gpu": (
        *("partition=gpu", "account=lab", "qos=long", "gpus=1", "cpus=4", "memory=16G", "time=2h"),
        *("setup=module load cuda", 'setup=source "it\'s/activate"', "python=/opt/a b/python"),
        *("options.constraint=a100&ib", "options.comment=50% off: it's #1", "options.exclusive=true"),
    ),
    "team": ("gpus=1", "processes=4", "nodes=2", "cpus=6", "time=1d", "parallel=2", "requeues=3"),
}


def normal(here: Site, array: Array) -> str:
    """A batch file without what differs from test to test and machine to machine."""
    text = array.script.decode().replace(str(here.place.results / "cluster" / "code"), "CODE")
    text = text.replace(str(here.submissions()[0]), "SUBMISSION").replace(here.submissions()[0].name, "ID")
    text = text.replace(os.environ["WGAN_SUITE_DATA"], "DATA").replace(os.sys.executable, "PYTHON")
    return re.sub(r"CODE/[0-9a-f]+", "CODE/KEY", text)


@pytest.mark.parametrize("name", PROFILES)
def test_the_batch_file(here: Site, name: str) -> None:
    here.launch(*PROFILES[name], *APART)
    path = GOLDEN / f"{name}.sh"
    assert normal(here, here.fake.arrays()[0]) == path.read_text()


def test_the_batch_file_of_the_job_that_goes_on(here: Site) -> None:
    here.launch(*PROFILES["gpu"], *APART)
    first, last = here.fake.arrays()
    text = normal(here, last).replace(f"afterany:{first.id}\n", "afterany:FIRST\n")
    assert text == (GOLDEN / "next.sh").read_text()


def test_the_job_that_goes_on_is_told_of_its_own_limit(here: Site) -> None:
    """And not as long before it as the jobs that train, whose limit is longer."""
    here.launch("time=4h", "signal=1h", *APART)
    first, last = (array.script.decode() for array in here.fake.arrays())
    assert "--signal=USR2@3600\n#SBATCH --time=240\n" in first
    assert f"--signal=USR2@{WARNING}\n#SBATCH --time=30\n" in last


def test_the_job_that_goes_on_asks_for_no_more_time_than_the_others(here: Site) -> None:
    """A partition may allow no more."""
    here.launch("time=10m", "signal=1m", *APART)
    assert all("#SBATCH --time=10\n" in array.script.decode() for array in here.fake.arrays())


def test_every_process_gets_the_cores_it_asked_for(here: Site, tmp_path: Path) -> None:
    python = told_by(tmp_path, '"$SLURM_PROCID" "$FAKE_SLURM_CORES"')
    here.launch(f"python={python}", "cpus=4", "processes=2")
    (job,) = here.trains()
    assert here.fake.execute(job).state == "COMPLETED"
    logs = [here.submissions()[0] / "log" / f"{job}_{rank}_log.out" for rank in range(2)]
    assert [log.read_text().split() for log in logs] == [["0", "4"], ["1", "4"]]


def told_by(folder: Path, words: str) -> Path:
    """An interpreter that says these words of shell, one a line."""
    path = folder / "py thon"
    path.write_text(f'#!/bin/sh\nprintf "%s\\n" {words}\n')
    path.chmod(0o755)
    return path


def test_the_job_that_goes_on_asks_for_little(here: Site) -> None:
    large = ("options.gres=gpu:a100:1", "options.exclusive=true", "options.mincpus=8", "memory=64G")
    here.launch("gpus=1", *large, "options.comment=x", *APART)
    first, last = here.fake.arrays()
    assert {"gres", "exclusive", "mincpus", "comment"} <= first.options.keys()
    assert not {"gpus-per-node", "gres", "exclusive", "mincpus"} & last.options.keys()
    assert (first.option("mem"), last.option("mem")) == ("65536M", "4096M")
    assert last.option("comment") == "x"


def test_no_variable_of_another_job_leaks(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLURM_JOB_ID", "SLURM_MEM_PER_CPU", "SLURM_NTASKS", "SLURM_ARRAY_TASK_ID", "SBATCH_QOS"):
        monkeypatch.setenv(name, "7")
    here.launch()
    for array in here.fake.arrays():
        assert not [name for name in array.environment if name.startswith(("SLURM_", "SBATCH_"))]
    assert os.environ["SLURM_JOB_ID"] == "7"


def test_the_code_is_frozen(here: Site) -> None:
    here.launch()
    (copy,) = (here.place.results / "cluster" / "code").iterdir()
    assert (copy / "suite" / "cli.py").read_bytes() == (ROOT / "suite" / "cli.py").read_bytes()
    assert str(copy) in here.fake.arrays()[0].script.decode()
    assert code().fingerprint in (here.submissions()[0] / "submission.json").read_text()


def test_with_the_code_only_files_of_experiments_are_copied(here: Site) -> None:
    """Data and results may lie in the same folder, and each copy with them."""
    below = here.place.root / "experiments" / "small"
    (below / "data").mkdir()
    (below / "data" / "images.bin").write_bytes(bytes(100))
    (below / "notes.txt").write_text("mine")
    here.launch()
    (copy,) = (here.place.results / "cluster" / "code").iterdir()
    found = [path for path in (copy / "experiments").rglob("*") if path.is_file()]
    assert {path.name for path in found} == {"pair.yaml", "paper.yaml"}


def test_without_its_copy_of_the_code_a_job_runs_nothing(here: Site) -> None:
    """Else it would run the code as it is now."""
    here.launch()
    (copy,) = (here.place.results / "cluster" / "code").iterdir()
    shutil.rmtree(copy)
    (job,) = here.trains()
    assert here.fake.execute(job).state == "FAILED"
    assert here.states() == {"failed": 8}
    assert (
        f"error: the frozen copy of the code is gone, {copy}: launch again" in here.place.call("status").out
    )


def test_a_disk_without_room_for_the_copy_is_named(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    here.place.begin()
    monkeypatch.setattr(os, "fsync", full)
    monkeypatch.setattr(shutil, "copyfile", full)
    answer = here.place.call(*here.words())
    assert answer.status == 2
    assert answer.err.startswith(f"error: {here.place.results}/cluster/code/")


def test_a_copy_of_the_code_knows_what_runs_took_for_the_reference(here: Site) -> None:
    """So the job that goes on plans further looks as a launch from here does."""
    here.launch()
    (copy,) = (here.place.results / "cluster" / "code").iterdir()
    told = "from suite.launch.costs import of_reference as it; print(len(it().runs), it().gauge)"
    there = subprocess.run(
        [sys.executable, "-c", told],
        cwd=here.place.root,
        env={"PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.split() == [str(len(of_reference().runs)), str(of_reference().gauge)]
    assert len(of_reference().runs) > 0


def into_a_module(copy: Path) -> None:
    (copy / "suite" / "cli.py").write_text("print('of somebody else')")


def beside_it(copy: Path) -> None:
    (copy / "torch.py").write_text("print('of somebody else')")


def through_a_link(copy: Path) -> None:
    (copy / "suite").rename(copy.with_name("elsewhere"))
    (copy / "suite").symlink_to(copy.with_name("elsewhere"))


def as_a_link(copy: Path) -> None:
    copy.rename(copy.with_name("elsewhere"))
    copy.symlink_to(copy.with_name("elsewhere"))


def as_compiled(copy: Path) -> None:
    (copy / "suite" / "__pycache__").mkdir(exist_ok=True)
    (copy / "suite" / "__pycache__" / "cli.cpython-311.pyc").write_bytes(b"of somebody else")


@pytest.mark.parametrize("puts", [into_a_module, beside_it, through_a_link, as_a_link, as_compiled])
def test_jobs_run_no_code_that_came_with_the_results(here: Site, puts: Callable[[Path], None]) -> None:
    """A folder of results may be somebody else's, with a copy of the code that is not this code."""
    experiments = here.place.root / "experiments"
    copy = freeze.freeze(here.place.results, experiments)
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    puts(copy)
    assert freeze.freeze(here.place.results, experiments) == copy
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before
    assert not any(path.is_symlink() for path in [copy, *copy.rglob("*")])


def test_another_reference_makes_another_copy(
    here: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = freeze.freeze(here.place.results, here.place.root / "experiments")
    assert freeze.freeze(here.place.results, here.place.root / "experiments") == first
    monkeypatch.setitem(freeze.PARTS, "results/reference", tmp_path / "none")
    second = freeze.freeze(here.place.results, here.place.root / "experiments")
    assert second != first
    assert not (second / "results").exists()


NASTY = [
    *("a b", "it's", 'a "b"', "$HOME", "`id`", "$(id)", "ünï çødé", "#1", "a;b&c|d", "(a)", "-o", "~", "*"),
    *("a=b,c", "!x", "packjob", "%j", "50%", "back\\slash", "two\nlines", "tab\there"),
]
REFUSED = {"%j", "50%", "back\\slash", "two\nlines"}


@pytest.mark.parametrize("name", NASTY)
def test_results_folders_with_strange_names(fake: FakeSlurm, tmp_path: Path, name: str) -> None:
    """The interpreter on the node is a script that tells where it was called, with what."""
    python = told_by(tmp_path, '"$PYTHONPATH" "$@"')
    root = tmp_path / "root" / name
    write_experiments(root)
    here = site(root, fake)
    answer = here.place.call(*here.words(f"python={python}"), "--no-follow-up")
    if name in REFUSED:
        assert answer.status == 2
        assert "results folder" in answer.err
        assert "choose another with --results DIR" in answer.err
        assert fake.calls("sbatch") == []
        assert not here.place.results.exists()
        return
    assert answer.status == 0, answer
    (job,) = here.trains()
    assert fake.execute(job).state == "COMPLETED"
    log = here.submissions()[0] / "log"
    (copy,) = (here.place.results / "cluster" / "code").iterdir()
    said = (log / f"{job}_0_log.out").read_text().splitlines()
    assert said == [str(copy), "-u", "-m", "submitit.core._submit", str(log)]


# --- To the end ---------------------------------------------------------------------------------------


def digests(place: Place) -> dict[str, str]:
    return {name: json.loads(path.read_bytes())["digest"] for name, path in place.records().items()}


def test_a_job_that_is_really_executed_gives_the_results_of_a_local_run(here: Site, trained: Place) -> None:
    assert here.place.call(*here.words(), "--no-follow-up").status == 0
    (job,) = here.trains()
    assert here.fake.execute(job).state == "COMPLETED"
    assert here.states() == {"finished": 8}
    assert digests(here.place).items() <= digests(trained).items()


@pytest.mark.slow
def test_jobs_go_on_by_themselves_to_the_report(
    here: Site, trained: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(freeze.PARTS, "results/reference", reference_of(trained, tmp_path / "committed"))
    here.launch()
    jobs = here.fake.execute_all()
    assert len(jobs) == 4
    assert here.states() == {"finished": 12}
    assert digests(here.place) == digests(trained)
    assert (here.place.results / "report" / "desk" / "index.html").exists()
    (log,) = here.place.results.glob(f"cluster/submissions/*/log/{jobs[-1]}_0_log.out")
    assert "Beside the reference\n" in log.read_text()
    assert "12 of 12 have the same bits" in log.read_text()
    assert here.launch().out.startswith("nothing to submit: all is trained\n")


def reference_of(trained: Place, folder: Path) -> Path:
    """Results as they would be committed."""
    records = {
        name: msgspec.json.decode(p.read_bytes(), type=Record) for name, p in trained.records().items()
    }
    write_reference(folder, Made("1.0.0", "desk", code().fingerprint, [], records, ""))
    return folder / "reference"


@pytest.mark.slow
def test_a_job_whose_time_is_over_goes_on_where_it_was(here: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The signal before the limit: the job saves, puts itself back into the queue and leaves."""
    longer = ("iterations=4000", "--no-follow-up")
    assert here.place.call(*here.words(), *longer).status == 0
    (job,) = here.trains()
    running = here.fake.begin(job)
    until(lambda: any(here.place.results.glob("runs/*/*/checkpoint.npz")))
    running.signal("USR2")
    left = running.finish()
    assert (left.state, left.restarts) == ("PENDING", 1)
    assert here.fake.ready() == []
    here.fake.move(150)
    assert here.fake.execute(job).state == "COMPLETED"
    found = digests(here.place)
    shutil.rmtree(here.place.results)
    monkeypatch.setattr(local, "Pool", PoolHere)
    assert here.place.call("run", "--no-report", "--quiet", longer[0]).status == 0
    assert len(found) == 8
    assert found.items() <= digests(here.place).items()


@pytest.mark.slow
def test_a_preempted_job_that_saves_in_time_comes_back(here: Site) -> None:
    """One that is cancelled does not."""
    longer = ("iterations=4000", "--no-follow-up")
    assert here.place.call(*here.words("replicas=4", "target=1s", "speed=0.000001"), *longer).status == 0
    first, second = here.trains()
    running = here.fake.begin(first), here.fake.begin(second)
    until(lambda: len(list(here.place.results.glob("runs/*/*/checkpoint.npz"))) == 8)
    here.fake.preempt(first)
    here.fake.cancel(second)
    left, cancelled = (each.finish() for each in running)
    assert (left.state, left.restarts) == ("PENDING", 1)
    assert (cancelled.state, cancelled.restarts) == ("CANCELLED", 0)


def until(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_results_that_jobs_in_the_queue_train_are_not_removed(here: Site) -> None:
    """Between two of its stays on a node a job gives no sign of life."""
    here.launch(*APART)
    version = here.place.results / "runs" / fingerprint()
    version.mkdir(parents=True, exist_ok=True)
    remove = ("versions", "--results", str(here.place.results), "--remove", fingerprint())
    answer = call(*remove)
    assert answer.status == 2
    assert f"version {fingerprint()}: 8 jobs in the queue train its runs" in answer.err
    assert version.exists()
    here.fake.cancel(*here.fake.active())
    assert call(*remove).status == 0
    assert not version.exists()


def test_nor_are_those_of_which_a_silent_scheduler_may_have_jobs(here: Site) -> None:
    here.launch()
    (here.place.results / "runs" / fingerprint()).mkdir(parents=True, exist_ok=True)
    here.fake.set(down=True)
    answer = call("versions", "--results", str(here.place.results), "--remove", fingerprint())
    assert answer.status == 2
    assert "whose scheduler does not answer" in answer.err
