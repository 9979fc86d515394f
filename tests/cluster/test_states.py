"""The life of a run on a cluster, as ``status`` tells it, and what a second launch makes of it."""

import pytest

from tests.cli.calls import Place
from tests.cluster.site import APART, Site

ENDS = {
    "CANCELLED": "lost",
    "COMPLETED": "failed",
    "FAILED": "failed",
    "NODE_FAIL": "lost",
    "OUT_OF_MEMORY": "failed",
    "PREEMPTED": "lost",
    "TIMEOUT": "lost",
}
"""How a job ends, and what its runs without records are then."""


def one(here: Site) -> tuple[str, str]:
    """A job, and a run that it trains first."""
    job, runs = next(iter(here.trains().items()))
    return job, runs[0]


def test_before_the_launch_all_is_missing(here: Site) -> None:
    here.place.begin()
    assert here.states() == {"missing": 8}
    assert here.fake.calls("squeue") == []


def test_the_whole_life_of_a_run(here: Site, trained: Place) -> None:
    here.launch()
    job, run = one(here)
    assert here.states() == {"waiting": 8}
    assert here.rows()[run]["note"] == "pending: Priority"
    assert here.rows()[run]["job"] == job

    here.fake.start(job)
    assert here.states() == {"waiting": 8}
    assert here.rows()[run]["note"] == "on node1"

    here.beat(run)
    assert here.states() == {"running": 1, "waiting": 7}
    assert "iteration 5 of 20 on node1" in here.rows()[run]["note"]

    here.beat(run, ago=3600)
    assert here.states() == {"running": 1, "waiting": 7}
    assert "no sign of life" in here.rows()[run]["note"]

    here.fake.requeue(job)
    assert here.states() == {"waiting": 8}
    assert here.rows()[run]["note"] == "pending: BeginTime"

    here.fake.move(150)
    assert here.rows()[run]["note"] == "pending: Priority"

    here.fake.start(job)
    here.finish(trained, run)
    assert here.states() == {"finished": 1, "waiting": 7}
    here.finish(trained, *here.rows())
    here.fake.end(job)
    assert here.states() == {"finished": 8}


@pytest.mark.parametrize("end", ENDS)
def test_runs_without_records_in_a_job_that_ended(here: Site, trained: Place, end: str) -> None:
    here.launch()
    job, run = one(here)
    here.fake.start(job)
    here.finish(trained, run)
    here.fake.end(job, state=end, code="3:0")
    assert here.states() == {ENDS[end]: 7, "finished": 1}
    notes = {row["note"] for row in here.rows().values() if row["state"] != "finished"}
    assert len(notes) == 1
    assert f"job {job} {end}, exit code 3:0, node node1" in notes.pop()


@pytest.mark.parametrize("end", ENDS)
def test_exactly_the_runs_without_records_are_submitted_again(here: Site, trained: Place, end: str) -> None:
    here.launch()
    job, _ = one(here)
    done = here.trains()[job][:3]
    here.finish(trained, *done)
    here.fake.end(job, state=end)
    here.launch()
    assert set(here.live()) == set(here.trains()[job]) - set(done)
    assert set(here.live().values()) == {1}
    assert here.states() == {"finished": 3, "waiting": 5}


def test_only_the_jobs_that_ended_are_submitted_again(here: Site) -> None:
    here.launch(*APART)
    jobs = list(here.trains())
    here.fake.start(*jobs[:4])
    here.fake.end(jobs[0], state="FAILED", code="1:0")
    here.fake.end(jobs[1], state="TIMEOUT")
    here.fake.cancel(jobs[2], jobs[5])
    here.fake.requeue(jobs[3])
    assert here.states() == {"failed": 1, "lost": 3, "waiting": 4}
    before = here.trains()
    here.launch(*APART)
    again = [runs for job, runs in here.trains().items() if job not in before]
    assert sorted(again) == sorted(before[jobs[i]] for i in (0, 1, 2, 5))
    assert here.states() == {"waiting": 8}


def test_a_job_that_nobody_knows_any_more(here: Site) -> None:
    here.launch()
    job, _ = one(here)
    here.fake.forget(job)
    assert here.states() == {"lost": 8}
    here.launch()
    assert here.states() == {"waiting": 8}


def test_without_accounting_what_left_the_queue_is_lost(here: Site, trained: Place) -> None:
    here.fake.set(accounting=False)
    here.launch()
    job, run = one(here)
    here.finish(trained, run)
    here.fake.end(job)
    assert here.states() == {"finished": 1, "lost": 7}
    here.launch()
    assert here.states() == {"finished": 1, "waiting": 7}


def test_jobs_that_somebody_cancelled_while_they_waited(here: Site) -> None:
    here.launch(*APART)
    array = next(iter(here.trains())).partition("_")[0]
    here.fake.cancel(array)
    assert here.states() == {"lost": 8}
    assert all("CANCELLED" in row["note"] for row in here.rows().values())


def test_the_last_words_of_a_job_are_told(here: Site) -> None:
    here.launch()
    job, run = one(here)
    log = here.submissions()[0] / "log" / f"{job}_0_log.out"
    log.write_text("starting\nImportError: no module named x\nsrun: task 0 exited\n")
    here.fake.end(job, state="FAILED", code="1:0")
    assert "ImportError: no module named x" in here.rows()[run]["note"]
    assert str(log) in here.rows()[run]["note"]


def test_a_run_trained_elsewhere_is_running_whatever_its_job_does(here: Site) -> None:
    here.launch()
    job, run = one(here)
    here.fake.end(job, state="FAILED")
    here.beat(run)
    assert here.rows()[run]["state"] == "running"


def test_a_job_that_ended_stays_ended_while_the_controller_is_silent(here: Site, trained: Place) -> None:
    here.launch()
    _, run = one(here)
    here.finish(trained, run)
    here.fake.set(down=True)
    rows = here.rows()
    assert here.states() == {"finished": 1, "waiting": 7}
    told = {row["note"] for name, row in rows.items() if name != run}
    assert all("Unable to contact slurm controller" in note for note in told)


def test_what_a_job_does_to_its_runs_is_told_once(here: Site) -> None:
    """With the log only where there is one."""
    here.launch()
    (job,) = here.trains()
    here.fake.end(job, state="OUT_OF_MEMORY", code="0:125")
    told = f"failed  8 runs: job {job} OUT_OF_MEMORY, exit code 0:125, node node1"
    assert f"{told}, without a log\n" in here.place.call("status").out
    log = here.submissions()[0] / "log" / f"{job}_0_log.out"
    log.write_text("error: killed\n")
    assert f"{told}: error: killed (log: {log})\n" in here.place.call("status").out
