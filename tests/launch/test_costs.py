"""What a plan says of time: the reference's cost of a run, or a formula, and this machine's speed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from suite import places
from suite.launch import costs, machine_speed
from suite.launch.costs import Costs, of_records, of_reference, write_costs
from suite.launch.estimate import by_formula, seconds
from suite.spec.runs import work
from suite.store.record import Cost
from tests.launch.records import record
from tests.training.settings import run


@pytest.fixture
def reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Costs], None]]:
    monkeypatch.setattr(places, "KEPT", tmp_path)
    of_reference.cache_clear()

    def put(found: Costs) -> None:
        write_costs(tmp_path / "reference" / "1.0" / "desk", found)
        of_reference.cache_clear()

    yield put
    of_reference.cache_clear()


def test_what_the_reference_has_trained_takes_as_long(reference: Callable[[Costs], None]) -> None:
    reference(Costs(gauge=1.0, runs={work(run().setting): 7.5}))
    assert seconds([run(10), run(11)]) == 15
    assert seconds([run(iterations=60)]) == by_formula([run(iterations=60)])


def test_seconds_of_a_gpu_are_none_of_a_core() -> None:
    one = record(run())
    other = replace(one, environment=replace(one.environment, device="NVIDIA H200"))
    assert of_records([other], 1.0).runs == {}


def test_without_a_reference_a_formula_tells(reference: Callable[[Costs], None]) -> None:
    assert seconds([run()]) == by_formula([run()]) > 0


def test_a_damaged_file_is_none(reference: Callable[[Costs], None], tmp_path: Path) -> None:
    reference(Costs(gauge=1.0, runs={}))
    (tmp_path / "reference" / "1.0" / "desk" / costs.FILE).write_text("{")
    of_reference.cache_clear()
    assert of_reference() == costs.NONE


def test_costs_are_means_over_seeds() -> None:
    spent = [
        replace(record(run(seed)), cost=Cost(seconds, 1.0, 1)) for seed, seconds in ((10, 2.0), (11, 4.0))
    ]
    assert of_records(spent, 0.5) == Costs(gauge=0.5, runs={work(run().setting): 3.0})


def test_the_gauge_trains_and_takes_some_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_speed, "ROUNDS", 1)
    assert machine_speed.gauge() > 0
