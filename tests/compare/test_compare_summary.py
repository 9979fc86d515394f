"""What a run says of the committed reference: how much is equal, and which verdicts are not."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import pytest

from suite.commands.against_reference import beside_reference
from suite.compare import summary as module
from suite.compare.compare import Comparison
from suite.compare.summary import beside, told
from suite.spec import schema
from suite.spec.schema import Scale
from suite.store import reference
from suite.store.record import Record
from suite.store.reference import FILE, Lent, Made, place, write_reference
from suite.store.seal import sealed
from suite.store.store import Store
from suite.study import Study
from tests.cli.calls import selected
from tests.compare.versions import ABOVE, study, version

STUDY = study()
"""Six runs of the arm that its claim looks at, and three of the other."""
AGAIN = "uv run run_suite.py compare reference now"
FINGERPRINT = "a" * 12


@pytest.fixture(autouse=True)
def _no_other_reference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "KEPT", tmp_path / "nothing")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "results", "b" * 12)


def results(level: float, of: Study = STUDY, name: str = FINGERPRINT) -> dict[str, Record]:
    return version(of, lambda run: level + run.seed / 100, name=name)


def commit(
    store: Store, records: Mapping[str, Record], scale: Scale = "desk", lent: Sequence[Lent] = ()
) -> None:
    """Make them the reference."""
    whole = {name: sealed(record) for name, record in records.items()}
    write_reference(store.root, Made("1.2.0", scale, FINGERPRINT, (), whole, "", lent), force=True)


def lines(store: Store, records: Mapping[str, Record], of: Study = STUDY) -> list[str]:
    """What is told, without the columns' blanks."""
    found = beside([of], records, store)
    assert found is not None
    return [" ".join(line.split()) for line in told(found, AGAIN).splitlines()]


def test_equal_results(store: Store) -> None:
    commit(store, results(2.0))
    found = lines(store, results(2.0, name="b" * 12))
    assert found[:2] == ["Beside the reference", f"reference release 1.2.0, desk scale, code {FINGERPRINT}"]
    assert found[2] == "trained at commit aaaaaaaaaa, on , 1 thread, Python 3.11"
    assert found[3:] == [
        "runs 9 of 9 have the same bits",
        "claims 1 of 1 have the same verdict",
        f"more {AGAIN}",
    ]


def test_the_sides_are_the_reference_and_what_is_here(store: Store) -> None:
    commit(store, results(2.0))
    found = beside([STUDY], results(2.0), store)
    assert found is not None
    sides = [(side.name, side.label) for side in (found.found.before, found.found.after)]
    assert sides == [("reference", "release 1.2.0"), ("now", "now")]


def test_a_verdict_that_differs_is_named_with_both_and_its_mark(store: Store) -> None:
    commit(store, results(2.0))
    found = lines(store, results(-2.0))
    assert found[3:6] == [
        "runs 0 of 9 have the same bits",
        "claims 0 of 1 have the same verdict",
        "p/test:claim: reproduced -> refuted (verdict flipped)",
    ]


def test_another_processor_is_named_where_bits_differ(store: Store) -> None:
    commit(store, results(2.0))
    other = {
        name: msgspec.structs.replace(
            record, digest="other", environment=msgspec.structs.replace(record.environment, processor="mine")
        )
        for name, record in results(2.0).items()
    }
    assert any(line.startswith("differs environment: processor: -> mine") for line in lines(store, other))


def test_runs_of_one_side_alone_are_counted_apart(store: Store) -> None:
    commit(store, results(2.0))
    some = dict(list(results(2.0).items())[:7])
    assert "runs 7 of 7 have the same bits (2 only there)" in lines(store, some)


def test_experiments_that_were_not_run_are_left_out(store: Store) -> None:
    more = msgspec.structs.replace(STUDY.experiment, id="p/more")
    other = Study(STUDY.paper, more, "desk", (), STUDY.path)
    commit(store, results(2.0) | results(2.0, other))
    assert "runs 9 of 9 have the same bits" in lines(store, results(2.0) | results(2.0, other))
    assert "claims 1 of 1 have the same verdict" in lines(store, results(2.0))


def test_a_claim_that_the_reference_measured_otherwise_is_counted_apart(store: Store) -> None:
    commit(store, results(2.0))
    other = study(metrics={"loss": msgspec.structs.replace(STUDY.experiment.metrics["loss"], window=3)})
    told_ = lines(store, results(2.0, other), other)
    assert "claims 0 of 0 have the same verdict (1 are measured otherwise now)" in told_


def test_only_claims_of_both_sides_are_counted(store: Store) -> None:
    """Of three one is measured otherwise now, and one has no runs here."""
    metrics = {name: schema.Metric(series=f"losses.{name}") for name in ("critic", "generator")}
    rules = {
        "same": msgspec.structs.replace(ABOVE, metric="generator"),
        "other": msgspec.structs.replace(ABOVE, metric="critic"),
        "gone": msgspec.structs.replace(ABOVE, metric="generator", arm="b"),
    }
    old = study(metrics=metrics, claims=rules)
    new = study(
        metrics=metrics | {"critic": msgspec.structs.replace(metrics["critic"], window=3)}, claims=rules
    )
    commit(store, results(2.0, old))
    here = {name: found for name, found in results(2.0, new).items() if found.run.arm == "a"}
    assert "claims 1 of 1 have the same verdict (1 are measured otherwise now)" in lines(store, here, new)


def test_rules_that_are_others_now_are_counted(store: Store) -> None:
    stricter = study(claims={"claim": msgspec.structs.replace(ABOVE, margin=1.5)})
    commit(store, results(2.0))
    told_ = [line for line in lines(store, results(3.0, stricter), stricter) if line.startswith("differs")]
    assert told_ == ["differs rules of claims: 1 are others now"]


def test_numbers_of_borrowed_arms_are_the_borrowers(store: Store) -> None:
    """Which the runs' own records do not hold, and a reference has no series to find them in."""
    whole = results(2.0)
    bare = {name: msgspec.structs.replace(record, metrics={}) for name, record in whole.items()}
    commit(store, bare)
    assert "claims 0 of 0 have the same verdict (1 are measured otherwise now)" in lines(store, whole)
    lent = [
        Lent(run=name, metrics={"p/test:another_name": record.metrics["loss"]})
        for name, record in sorted(whole.items())
    ]
    commit(store, bare, lent=lent)
    assert "claims 1 of 1 have the same verdict" in lines(store, whole)
    assert "p/test:claim: reproduced -> refuted (verdict flipped)" in lines(store, results(-2.0))


def test_of_many_verdicts_the_first_are_named(store: Store) -> None:
    claims = {f"claim-{number}": ABOVE for number in range(15)}
    many = study(claims=claims)
    commit(store, results(2.0, many))
    assert "... and 5 more" in lines(store, results(-2.0, many), many)


@pytest.mark.parametrize("scale", ["smoke", "gpu", "paper"])
def test_nothing_is_said_of_another_scale(store: Store, scale: Scale) -> None:
    commit(store, results(2.0), scale)
    assert beside([STUDY], results(2.0), store) is None


def test_nothing_is_said_of_overrides_nor_of_other_experiments_nor_without_a_reference(store: Store) -> None:
    assert beside([STUDY], results(2.0), store) is None
    commit(store, results(2.0))
    varied = study(overrides=("batch_size=8",))
    assert beside([varied], results(2.0, varied), store) is None
    assert beside([], {}, store) is None
    assert beside([STUDY], {}, store) is None


def test_a_damaged_reference_does_not_fail_a_run(store: Store) -> None:
    commit(store, results(2.0))
    (place(store.root, "1.2.0") / FILE).write_bytes(b"damaged")
    said = beside_reference(selected("run"), [STUDY], results(2.0), store)
    assert said.startswith("\nnot compared with the reference: ")
    assert said.count("\n") == 2


def test_no_mistake_of_the_comparison_fails_a_run(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Comparison:
        raise ZeroDivisionError("oh")

    commit(store, results(2.0))
    monkeypatch.setattr(module, "compare", fail)
    said = beside_reference(selected("run"), [STUDY], results(2.0), store)
    assert said == "\nnot compared with the reference: oh\n"
