"""What is chosen of a reference to be trained again, and when it no longer holds."""

from typing import Any

import msgspec
import pytest

from suite.compare.compare import compare
from suite.compare.side import Side
from suite.spec.schema import Clip, GradientPenalty
from suite.store.record import Cost, Environment, Record
from tests.compare.versions import ABOVE, LOSS, study, version
from tests.launch.records import ENVIRONMENT
from tests.reference.sample import broken, chosen, is_same_machine, looks
from tests.reference.test_reference_holds import results_told
from tests.training.settings import setting

ARMS = {
    "a": setting(constraint=Clip(bound=0.1)),
    "b": setting(constraint=GradientPenalty()),
    "c": setting(constraint=GradientPenalty(), batch_size=8),
}
CLAIMS = {arm: msgspec.structs.replace(ABOVE, arm=arm) for arm in ARMS}
STUDY = study(arms=ARMS, claims=CLAIMS)


def costing(seconds: dict[str, float], **fields: Any) -> dict[str, Record]:
    """The study's records, every run of an arm having taken so long."""
    records = version(STUDY, lambda run: 2.0 + run.seed / 100, **fields)
    costs = {name: Cost(seconds[record.run.arm], 1.0, 1) for name, record in records.items()}
    return {name: msgspec.structs.replace(each, cost=costs[name]) for name, each in records.items()}


def test_the_cheapest_first_look_of_each_kind_is_chosen() -> None:
    found = chosen([STUDY], costing({"a": 3.0, "b": 2.0, "c": 1.0}))
    assert [(look.claim.arm, look.seconds, len(look.runs)) for look in found] == [
        ("c", 6.0, 6),
        ("a", 18.0, 6),
    ]


def test_what_is_chosen_stays_within_the_budget() -> None:
    assert [look.claim.arm for look in chosen([STUDY], costing({"a": 3.0, "b": 2.0, "c": 1.0}), 20.0)] == [
        "c"
    ]


def test_a_look_without_all_of_its_runs_is_not_chosen() -> None:
    records = costing({"a": 3.0, "b": 2.0, "c": 1.0})
    del records[next(name for name, record in records.items() if record.run.arm == "c")]
    assert [look.claim.arm for look in looks([STUDY], records)] == ["a", "b"]


def told(level: float, *, same_machine: bool) -> list[str]:
    """What does not hold of the study's claims where every value has moved by so much."""
    before = version(STUDY, lambda run: 2.0 + run.seed / 100)
    after = version(STUDY, lambda run: 2.0 + run.seed / 100 + level)
    found = compare([STUDY], Side("reference", "", before), Side("now", "", after))
    return broken(found, same_machine=same_machine)


def test_equal_results_hold_anywhere() -> None:
    assert told(0.0, same_machine=True) == []
    assert told(0.0, same_machine=False) == []


def test_other_bits_hold_on_another_machine_alone() -> None:
    assert told(1e-7, same_machine=False) == []
    wrong = told(1e-7, same_machine=True)
    assert len(wrong) == 3 + 18
    assert wrong[0].startswith("p/test:a: within noise, reproduced")


def test_results_that_moved_hold_nowhere() -> None:
    assert [line.split(",")[0] for line in told(-3.0, same_machine=False)] == [
        f"p/test:{arm}: verdict flipped" for arm in ARMS
    ]


def test_a_metric_of_another_definition_does_not_hold() -> None:
    longer = study(arms=ARMS, claims=CLAIMS, metrics={"loss": msgspec.structs.replace(LOSS, window=3)})
    before, after = version(STUDY, lambda _: 2.0), version(longer, lambda _: 2.0)
    found = compare([longer], Side("reference", "", before), Side("now", "", after))
    assert len(broken(found, same_machine=False)) == 3


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({"cores": 64, "platform": "another kernel"}, True),
        ({"packages": {"pandas": "9"}}, True),
        ({"packages": {"torch": "9"}}, False),
        ({"processor": "another"}, False),
        ({"device": "a GPU"}, False),
    ],
)
def test_which_machines_promise_equal_bits(changed: dict[str, Any], same: bool) -> None:
    other: Environment = msgspec.structs.replace(ENVIRONMENT, **changed)
    assert is_same_machine(ENVIRONMENT, other) is same


def test_only_a_line_under_results_names_a_reference() -> None:
    changelog = (
        "# Log\n- `aaaaaaaaaaaa`: not here\n### Results\n\n- `bbbbbbbbbbbb`: why\n- `cccccccccccc`:\n"
        "## 0.1\n- `dddddddddddd`: nor here\n"
    )
    assert results_told(changelog) == {"bbbbbbbbbbbb"}
