"""The fake scheduler does what the tests that use it take for granted."""

from pathlib import Path

import pytest

from tests.cluster.fake.ask import shortened
from tests.cluster.fake.slurm import FakeSlurm, submit
from tests.cluster.fake.submit import directives, indices

LINE = "%i|%T|%r|%N|%j"


def queue(fake: FakeSlurm, *words: str) -> list[str]:
    done = fake.run("squeue", "--me", "--noheader", *words, f"--format={LINE}")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def accounting(fake: FakeSlurm, *names: str) -> list[str]:
    done = fake.run("sacct", "-X", "-n", "-P", "-j", ",".join(names), "-o", "JobID,State,ExitCode,NodeList")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("#SBATCH --time=5 --mem=2GB", ["--time=5", "--mem=2GB"]),
        ("#SBATCH --output='/a b/%j.out'", ["--output=/a b/%j.out"]),
        ("""#SBATCH --comment='it'"'"'s'""", ["--comment=it's"]),
        (r"#SBATCH --comment='back\slash'", ["--comment=backslash"]),
        ("#SBATCH --comment='a # b' # c", ["--comment=a # b"]),
        ("#SBATCH --comment='$HOME `id`'", ["--comment=$HOME `id`"]),
        ("# SBATCH --time=5", []),
    ],
)
def test_directives_are_split_by_slurms_rules(line: str, words: list[str]) -> None:
    assert directives(f"#!/bin/bash\n\n{line}\necho\n#SBATCH --time=9\n") == words


def test_an_arrays_indices() -> None:
    assert indices("0-3%2") == [0, 1, 2, 3]
    assert indices("1,5-7,9-15:3") == [1, 5, 6, 7, 9, 12, 15]
    assert shortened([0, 1, 2, 5, 8, 9]) == "0-2,5,8-9"
    assert shortened(list(range(1, 200, 2))) == "1-199:2"
    gaps = shortened([0, *range(1, 200, 2)])
    assert gaps.startswith("0-1,3,5,")
    assert gaps.endswith("...")
    assert len(gaps) == 63


def test_an_array_in_the_queue(fake: FakeSlurm, tmp_path: Path) -> None:
    job = submit(fake, tmp_path, 6, ["--job-name=x", "--array=0-5%2"])
    fake.start(f"{job}_0", f"{job}_1")
    assert queue(fake) == [
        f"{job}_[2-5%2]|PENDING|JobArrayTaskLimit||x",
        f"{job}_0|RUNNING|None|node1|x",
        f"{job}_1|RUNNING|None|node1|x",
    ]
    assert len(queue(fake, "--array")) == 6


def test_an_array_in_accounting(fake: FakeSlurm, tmp_path: Path) -> None:
    job = submit(fake, tmp_path, 4)
    fake.end(f"{job}_0")
    fake.end(f"{job}_1", state="OUT_OF_MEMORY", code="0:125")
    fake.run("scancel", job)
    assert accounting(fake, job, "9999") == [
        f"{job}_[2-3]|CANCELLED by 1000|0:0|None assigned",
        f"{job}_0|COMPLETED|0:0|node1",
        f"{job}_1|OUT_OF_MEMORY|0:125|node1",
    ]
    assert queue(fake) == []


def test_a_job_waits_for_others(fake: FakeSlurm, tmp_path: Path) -> None:
    first = submit(fake, tmp_path, 2)
    after = submit(fake, tmp_path, lines=[f"--dependency=afterany:{first}"])
    fake.end(f"{first}_0", state="FAILED")
    assert fake.ready() == [f"{first}_1"]
    assert queue(fake)[-1].startswith(f"{after}|PENDING|Dependency|")
    fake.end(f"{first}_1")
    assert fake.ready() == [after]


def test_a_requeued_job_waits_two_minutes(fake: FakeSlurm, tmp_path: Path) -> None:
    job = submit(fake, tmp_path)
    fake.start(job)
    assert fake.run("scontrol", "requeue", job).returncode == 0
    assert queue(fake) == [f"{job}|PENDING|BeginTime||submitit"]
    assert fake.ready() == []
    fake.move(150)
    assert fake.ready() == [job]


@pytest.mark.parametrize(
    ("settings", "lines", "message"),
    [
        ({"max_array": 10}, ["--array=0-10"], "Invalid job array specification"),
        ({"max_submit": 3}, ["--array=0-3"], "AssocMaxSubmitJobLimit"),
        ({"max_jobs": 3}, ["--array=0-3"], "Resource temporarily unavailable"),
        ({"down": True}, [], "Unable to contact slurm controller (connect failure)"),
        ({}, ["--partition=none"], "invalid partition specified: none"),
        ({}, ["--time=soon"], "Invalid --time specification"),
        ({}, ["--tiem=5"], "unrecognized option '--tiem=5'"),
        ({}, ["--comment='open"], "Unmatched `'`"),
    ],
)
def test_what_sbatch_refuses(
    fake: FakeSlurm, tmp_path: Path, settings: dict[str, int], lines: list[str], message: str
) -> None:
    fake.set(**settings)
    with pytest.raises(AssertionError, match=r"^sbatch: ") as refused:
        submit(fake, tmp_path, lines=lines)
    assert message in str(refused.value)
    assert fake.jobs() == {}


def test_a_batch_file_is_really_executed(fake: FakeSlurm, tmp_path: Path) -> None:
    lines = ["--nodes=2", "--ntasks-per-node=2", f"--output='{tmp_path}/all of %A_%a.txt'"]
    say = "echo $SLURM_PROCID of $SLURM_NTASKS on $SLURM_NODEID"
    body = f"srun --output '{tmp_path}/%A_%a_%t' bash -c '{say}'; echo done; exit $SLURM_ARRAY_TASK_ID"
    job = submit(fake, tmp_path, 2, lines, body)
    assert fake.execute_all() == [f"{job}_0", f"{job}_1"]
    assert [(record.state, record.code) for record in fake.jobs().values()] == [
        ("COMPLETED", "0:0"),
        ("FAILED", "1:0"),
    ]
    assert (tmp_path / f"all of {job}_0.txt").read_text() == "done\n"
    said = [(tmp_path / f"{job}_1_{rank}").read_text() for rank in range(4)]
    assert said == ["0 of 4 on 0\n", "1 of 4 on 0\n", "2 of 4 on 1\n", "3 of 4 on 1\n"]


def test_a_job_without_a_folder_for_its_log_fails_silently(fake: FakeSlurm, tmp_path: Path) -> None:
    job = submit(fake, tmp_path, lines=[f"--output={tmp_path}/nowhere/log"])
    assert fake.execute(job).code == "0:53"


def test_signals_reach_what_srun_started(fake: FakeSlurm, tmp_path: Path) -> None:
    trap = "trap 'echo warned; exit 3' USR2; touch here; while :; do sleep 0.01; done"
    job = submit(fake, tmp_path, body=f'cd {tmp_path}; srun --output out bash -c "{trap}"')
    running = fake.begin(job)
    while not (tmp_path / "here").exists():
        assert running.record().state == "RUNNING"
    running.signal("USR2")
    assert running.finish().code == "3:0"
    assert (tmp_path / "out").read_text() == "warned\n"


def test_a_cancelled_job_is_told_to_end(fake: FakeSlurm, tmp_path: Path) -> None:
    job = submit(fake, tmp_path, body="srun sleep 60")
    running = fake.begin(job)
    running.steps()
    assert fake.run("scancel", job).returncode == 0
    assert running.finish().state == "CANCELLED"


@pytest.mark.parametrize("strict", [False, True])
def test_scancel_of_a_job_that_nobody_knows(fake: FakeSlurm, tmp_path: Path, strict: bool) -> None:
    done, waits = submit(fake, tmp_path), submit(fake, tmp_path)
    fake.end(done)
    fake.set(strict=strict)
    answer = fake.run("scancel", done, "9999", waits)
    assert answer.returncode == strict
    assert ("job id 9999: Invalid job id specified" in answer.stderr) == strict
    assert {name: record.state for name, record in fake.jobs().items()} == {
        done: "COMPLETED",
        waits: "CANCELLED",
    }


def test_a_job_cancelled_by_itself_while_it_waited_is_in_no_account(fake: FakeSlurm, tmp_path: Path) -> None:
    job = submit(fake, tmp_path, 3)
    fake.cancel(f"{job}_1")
    fake.start(f"{job}_2")
    fake.cancel(f"{job}_2")
    assert [line.split("|")[0] for line in accounting(fake, job)] == [f"{job}_[0]", f"{job}_2"]


def test_ten_thousand_jobs_are_a_few_files(fake: FakeSlurm, tmp_path: Path) -> None:
    for _ in range(10):
        submit(fake, tmp_path, 1000)
    assert len(queue(fake, "--array")) == 10_000
    assert len(list(Path(fake.state.folder).iterdir())) < 20


def test_what_the_fake_does_not_understand_is_an_error(fake: FakeSlurm) -> None:
    assert fake.run("squeue", "--long").returncode == 99
    assert fake.run("scontrol", "show", "nodes").returncode == 99
