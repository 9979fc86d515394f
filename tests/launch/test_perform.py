"""One job, in this process: records, failures, stopping and going on."""

import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import Pipe
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from suite.launch import gpu, heartbeat, perform, records, resume
from suite.launch.job import Job
from suite.launch.worker import _tell
from suite.spec import schema
from suite.spec.runs import Run
from suite.store.arrays import arrays_as_bytes, read_arrays
from suite.store.checkpoints import held
from suite.store.record import Measured, Record
from suite.store.series import series_of
from suite.store.store import Store
from suite.store.version import fingerprint
from suite.store.version_names import code_of
from suite.training.cohort import Cohort
from suite.training.state import State
from tests.launch.records import CODE
from tests.launch.records import record as empty_record
from tests.training.settings import run

RUNS = (run(10), run(11), run(12))
LOSS = schema.Metric(series="losses.critic")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path, CODE.fingerprint)


def job(store: Store, *runs: Run, checkpoint_seconds: float = 1000.0) -> Job:
    return Job(
        runs=runs,
        metrics={"loss": LOSS},
        criteria={"claim": "hash"},
        code=CODE,
        store=str(store.root),
        checkpoint_seconds=checkpoint_seconds,
    )


def train(work: Job, stopping: Callable[[], bool] = lambda: False) -> None:
    perform.perform(work, lambda share, note: None, stopping)


def record(store: Store, of: Run) -> Record:
    found = store.folder(of.id).record()
    assert found is not None
    return found


def digests(store: Store) -> dict[str, str]:
    return {name: record.digest for name, record in store.records().items()}


def undisturbed(tmp_path: Path) -> dict[str, str]:
    store = Store(tmp_path / "undisturbed", CODE.fingerprint)
    train(job(store, *RUNS))
    return digests(store)


class After:
    """Answers yes from the given question on."""

    def __init__(self, questions: int) -> None:
        self.left = questions

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


def test_a_record_tells_all(store: Store) -> None:
    train(job(store, *RUNS))
    found = record(store, RUNS[1])
    assert found.run == RUNS[1]
    assert found.outcome.state == "finished"
    assert found.criteria == {"claim": "hash"}
    assert found.cost.replicas == 3
    assert found.cost.seconds > 0
    assert len(found.digest) == 64
    series = series_of(store, RUNS[1].id)["losses.critic"]
    assert found.metrics["loss"].number() == series.values[-1]
    assert len(set(digests(store).values())) == 3
    names = {path.name for path in store.folder(RUNS[1].id).path.iterdir()}
    assert names == {"record.json", "series.parquet", "arrays.npz"}


def test_digests_do_not_depend_on_the_batch(store: Store, tmp_path: Path) -> None:
    for each in reversed(RUNS):
        train(job(store, each))
    assert digests(store) == undisturbed(tmp_path)


def test_a_diverged_run_is_recorded_and_leaves_the_others_alone(store: Store, tmp_path: Path) -> None:
    good, bad = (run(optimizer=schema.SGD(lr=rate)) for rate in (0.001, 0.2))
    train(job(store, bad, good))
    found = record(store, bad)
    assert found.outcome.state == "diverged"
    assert found.outcome.step is not None
    assert found.metrics["loss"].value is None
    kept = series_of(store, bad.id)["losses.critic"]
    assert 1 <= kept.iterations.max() < found.outcome.step
    assert np.isfinite(kept.values).all()
    alone = Store(tmp_path / "alone", CODE.fingerprint)
    train(job(alone, good))
    assert record(store, good).digest == record(alone, good).digest


def test_a_run_costs_the_seconds_of_its_core(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not those by the clock, which pass faster where others are at work."""
    monkeypatch.setattr(time, "process_time", iter(range(1000)).__next__)
    train(job(store, *RUNS))
    assert record(store, RUNS[0]).cost.seconds == pytest.approx(1 / 3)
    assert heartbeat.work_clock(torch.device("cuda")) == pytest.approx(time.monotonic(), abs=60)


def test_a_job_of_other_code_is_refused(store: Store) -> None:
    here = job(store, run())
    with pytest.raises(perform.Refused, match=f"it was {here.code.fingerprint} and is {fingerprint()}\n"):
        perform.require_same_code(here)
    perform.require_same_code(msgspec.structs.replace(here, code=code_of(here.runs)))


def test_a_gpu_that_pytorch_cannot_use_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """One core would train what was put together for a GPU, without a word."""
    perform.require_usable_gpu()
    monkeypatch.setattr(gpu, "memory", lambda: 81559.0)
    with pytest.raises(perform.Refused, match=r"finds none that it can use\n.*CUDA_VISIBLE_DEVICES="):
        perform.require_usable_gpu()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    perform.require_usable_gpu()


@pytest.mark.parametrize("error", [torch.OutOfMemoryError, torch.AcceleratorError])
def test_a_device_that_fails_loses_no_checkpoint(
    store: Store, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """Hours of training would begin anew because another process held a GPU's memory for a moment."""
    with pytest.raises(heartbeat.Stopped):
        train(job(store, *RUNS), After(2))

    def fails(*_: object) -> State:
        raise error("no memory")

    with monkeypatch.context() as patch:
        patch.setattr(resume, "restore", fails)
        train(job(store, *RUNS))
    assert record(store, RUNS[0]).outcome.state == "failed"
    assert held(store.folder(RUNS[0].id))


@pytest.mark.parametrize("questions", [0, 1, 2])
def test_a_stopped_job_goes_on_where_it_was(store: Store, tmp_path: Path, questions: int) -> None:
    with pytest.raises(heartbeat.Stopped):
        train(job(store, *RUNS), After(questions))
    for each in RUNS:
        folder = store.folder(each.id)
        assert list(held(folder)) == [10 * (questions + 1)]
        assert not folder.heartbeat_path.exists()
    train(job(store, *RUNS))
    assert digests(store) == undisturbed(tmp_path)


EDITS: dict[str, object] = {
    "diverged": np.zeros(3, dtype=np.int64),
    "critic": np.array(1.0, dtype=np.float32),
    "generator": np.zeros(3, dtype=np.float32),
    "critic:mean": np.array("text"),
    "iteration": np.array(2**62),
    "critic_count": np.array([1, 2]),
    "seconds": np.array(float("nan")),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_checkpoint_that_somebody_changed_is_as_good_as_none(
    store: Store, tmp_path: Path, name: str
) -> None:
    """Its run would fail for ever, or pass for one that was trained to its end."""
    with pytest.raises(heartbeat.Stopped):
        train(job(store, *RUNS), After(0))
    path = store.folder(RUNS[1].id).path / "checkpoint.npz"
    arrays = read_arrays(path)
    assert arrays is not None
    assert name in arrays
    path.write_bytes(arrays_as_bytes({**arrays, name: np.asarray(EDITS[name])}))
    train(job(store, *RUNS))
    assert digests(store) == undisturbed(tmp_path)


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The iterations from which saved runs have gone on."""
    found: list[int] = []
    original = resume.restore
    monkeypatch.setattr(
        resume, "restore", lambda c, p: found.append(int(p[0]["iteration"])) or original(c, p)
    )
    return found


def test_a_crash_while_a_batch_is_saved_costs_one_checkpoint(
    store: Store, tmp_path: Path, starts: list[int]
) -> None:
    """The first run is a checkpoint ahead; all go on from the last that they have in common."""
    with suppress(heartbeat.Stopped):
        train(job(store, *RUNS), After(0))
    with suppress(heartbeat.Stopped):
        train(job(store, RUNS[0]), After(0))
    train(job(store, *RUNS))
    assert starts == [10, 10]
    assert digests(store) == undisturbed(tmp_path)


@pytest.mark.parametrize("damage", ["truncated", "missing", "another shape"])
def test_a_damaged_checkpoint_is_as_good_as_none(store: Store, tmp_path: Path, damage: str) -> None:
    with suppress(heartbeat.Stopped):
        train(job(store, *RUNS), After(1))
    newest = store.folder(RUNS[0].id).checkpoints[0]
    if damage == "truncated":
        newest.write_bytes(newest.read_bytes()[:-100])
    elif damage == "missing":
        newest.unlink()
    else:
        held_by_other = read_arrays(store.folder(RUNS[1].id).checkpoints[0])
        assert held_by_other is not None
        np.savez(newest, **{**held_by_other, "critic": np.zeros(3, np.float32)})
    train(job(store, *RUNS))
    assert digests(store) == undisturbed(tmp_path)


def test_a_run_that_failed_goes_on_from_its_checkpoint(
    store: Store, tmp_path: Path, starts: list[int]
) -> None:
    with suppress(heartbeat.Stopped):
        train(job(store, *RUNS), After(1))
    records.lost(job(store, *RUNS), "killed")
    train(job(store, *RUNS))
    assert starts == [20]
    assert digests(store) == undisturbed(tmp_path)


def test_a_failure_is_recorded_with_its_traceback(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise RuntimeError("no memory left")

    monkeypatch.setattr(perform, "train", fail)
    train(job(store, *RUNS))
    for each in RUNS:
        outcome = record(store, each).outcome
        assert outcome.state == "failed"
        assert outcome.reason == "RuntimeError: no memory left"
        assert 'raise RuntimeError("no memory left")' in outcome.traceback


def test_a_run_that_cannot_be_concluded_fails_alone(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    original = records._measured

    def fail(work: Job, of: Run, *rest: object) -> object:
        if of == RUNS[1]:
            raise ValueError("no such metric")
        return original(work, of, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(records, "_measured", fail)
    train(job(store, *RUNS))
    assert [record(store, each).outcome.state for each in RUNS] == ["finished", "failed", "finished"]


def test_a_lost_job_keeps_the_runs_that_were_done(store: Store) -> None:
    train(job(store, RUNS[0]))
    before = record(store, RUNS[0])
    records.lost(job(store, *RUNS), "killed")
    assert record(store, RUNS[0]) == before
    assert [record(store, each).outcome.reason for each in RUNS[1:]] == ["killed", "killed"]
    records.lost(job(store, *RUNS), "killed again")
    assert record(store, RUNS[1]).outcome.reason == "killed again"


def test_a_record_in_another_runs_folder_is_written_over(store: Store) -> None:
    train(job(store, RUNS[0]))
    path = store.folder(RUNS[1].id).record_path
    path.parent.mkdir()
    path.write_bytes(store.folder(RUNS[0].id).record_path.read_bytes())
    train(job(store, RUNS[1]))
    assert record(store, RUNS[1]).run == RUNS[1]


def test_the_seconds_before_a_stop_are_counted(store: Store) -> None:
    with suppress(heartbeat.Stopped):
        train(job(store, *RUNS), After(0))
    for number, each in enumerate(RUNS):
        newest = store.folder(each.id).checkpoints[0]
        kept = read_arrays(newest)
        assert kept is not None
        assert 0 < kept["seconds"] < 1000
        np.savez(newest, **{**kept, "seconds": np.array(1000.0 * number)})
    train(job(store, *RUNS))
    spent = [record(store, each).cost.seconds for each in RUNS]
    assert 0 < spent[0] < 1000
    assert np.diff(spent) == pytest.approx([1000, 1000])


def test_a_checkpoint_that_tells_no_seconds_is_gone_on_from(store: Store, tmp_path: Path) -> None:
    with suppress(heartbeat.Stopped):
        train(job(store, *RUNS), After(1))
    for each in RUNS:
        for path in store.folder(each.id).checkpoints:
            kept = read_arrays(path)
            if kept is not None:
                np.savez(path, **{name: array for name, array in kept.items() if name != "seconds"})
    found = resume.resume(Cohort.of(RUNS, torch.device("cpu")), [store.folder(each.id) for each in RUNS])
    assert found is not None
    assert found.state.iteration == 20
    assert found.seconds == [0, 0, 0]
    train(job(store, *RUNS))
    assert digests(store) == undisturbed(tmp_path)


def test_checkpoints_are_on_schedule(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    saved: list[int] = []
    monkeypatch.setattr(heartbeat, "save", lambda folder, part: saved.append(int(part["iteration"])))
    train(job(store, RUNS[0]))
    assert saved == []
    train(job(store, RUNS[1], checkpoint_seconds=0.0))
    assert saved == [10, 20, 30]


def test_infinities_are_words_in_json() -> None:
    assert [Measured.of(v, "").value for v in (np.nan, np.inf, -np.inf, 1.5)] == [None, "inf", "-inf", 1.5]
    whole = empty_record(metrics={"m": Measured("-inf", "p")})
    assert msgspec.json.decode(msgspec.json.encode(whole), type=Record).metrics["m"].number() == -np.inf


def first_note(store: Store, *runs: Run) -> str:
    said: list[str] = []
    perform.perform(job(store, *runs), lambda share, note: said.append(note), lambda: False)
    return said[0]


def test_losses_are_told_of_the_run_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "HEARTBEAT_SECONDS", 0.0)
    other = run(11, "other", constraint=schema.GradientPenalty(weight=1e4))
    alone, together = (
        first_note(Store(tmp_path / str(len(runs)), CODE.fingerprint), *runs)
        for runs in ([RUNS[0]], [RUNS[0], other])
    )
    assert alone.startswith("test: arm 10/30 critic ")
    assert together == alone.replace("arm", "arm (and 1 other)")


def test_telling_nobody_is_no_failure() -> None:
    ours, theirs = Pipe()
    ours.close()
    _tell(theirs, 0.5, "half")
    assert theirs.poll()
