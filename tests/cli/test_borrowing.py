"""Arms that two experiments share: trained once, judged by both, announced beforehand."""

import json

import pytest

from suite.commands.choose import store, studies
from suite.report.evidence import Evidence, gather
from suite.store.reference import read_reference
from tests.cli.calls import Place, selected

RUN = ("run", "--no-report", "--quiet")
BORROWER = """\
id: small/borrower
title: An arm of its own and a borrowed one
paper: small2020
figure: "2"
base:
  data: eight_gaussians
  generator: point
  critic: {kind: mlp, layers: 1, width: 1}
  loss: wasserstein
  optimizer: {kind: sgd, lr: 1e-3}
  batch_size: 4
  iterations: 1
arms:
  point: {}
borrowed:
  clipped: {experiment: small/pair, arm: clip}
metrics:
  lowest: {series: losses.critic, reduce: minimum, says: lowest critic loss}
claims:
  shared:
    says: The lowest loss is above -1000 more often than in 3 of 10 runs.
    kind: rate
    metric: lowest
    arm: clipped
    better: higher
    cut: -1000
    margin: 0.3
    looks: [4]
figures:
  lowest: {kind: seeds, title: Lowest losses, y: lowest}
scales:
  smoke: {}
  desk: {}
  gpu: {}
  paper: {}
"""


@pytest.fixture
def place(place: Place) -> Place:
    """The small experiment, and one that borrows an arm from it."""
    (place.file.parent / "borrower.yaml").write_text(BORROWER)
    return place


def claims(place: Place, *words: str) -> dict[str, dict[str, object]]:
    return {claim["id"]: claim for claim in json.loads(place.call("report", "--json", *words).out)["claims"]}


def evidence(place: Place, name: str) -> Evidence:
    selection = selected(*place.words("report", name))
    return gather(studies(selection), store(selection))[0]


def test_a_borrower_uses_the_lenders_runs_and_is_not_post_hoc(place: Place) -> None:
    assert place.call(*RUN, "pair").status == 0
    lent = set(place.records())
    shared = claims(place)["small/borrower:shared"]
    assert (shared["verdict"], shared["post_hoc"]) == ("reproduced", False)
    assert set(shared["runs"]) <= lent  # type: ignore[call-overload]
    assert place.call(*RUN).status == 0
    assert {name.split(".")[1] for name in set(place.records()) - lent} == {"borrower"}


def test_every_record_has_the_criteria_of_all_who_may_ask_for_it(place: Place) -> None:
    assert place.call(*RUN, "pair").status == 0
    for name, path in place.records().items():
        asked = {"small/pair:decided", "small/pair:undecided"}
        if ".clip." in name:
            asked.add("small/borrower:shared")
        assert json.loads(path.read_bytes())["criteria"].keys() == asked


def test_an_arm_that_is_trained_beside_others_has_its_borrowers_criteria(place: Place) -> None:
    """Both arms are of one shape, so that they share a batch, and the borrowed one is not its first."""
    place.edit("{kind: gradient_penalty}", "{kind: clip, bound: 0.2}")
    borrower = place.file.with_name("borrower.yaml")
    borrower.write_text(BORROWER.replace("arm: clip}", "arm: penalty}"))
    assert place.call(*RUN, "pair").status == 0
    criteria = {name: json.loads(path.read_bytes())["criteria"] for name, path in place.records().items()}
    assert all("small/borrower:shared" in of_run for name, of_run in criteria.items() if ".penalty." in name)
    assert not claims(place)["small/borrower:shared"]["post_hoc"]


def test_a_lender_uses_the_runs_that_its_borrower_asked_for_first(place: Place) -> None:
    assert place.call(*RUN, "borrower").status == 0
    first = {name: path.stat().st_mtime_ns for name, path in place.records().items()}
    assert {".".join(name.split(".")[:3]) for name in first} == {"small.borrower.point", "small.pair.clip"}
    assert place.call(*RUN).status == 0
    assert {name: place.records()[name].stat().st_mtime_ns for name in first} == first
    found = claims(place)
    assert {name: claim["post_hoc"] for name, claim in found.items()} == dict.fromkeys(found, False)
    assert found["small/pair:decided"]["verdict"] == "reproduced"


def test_a_criterion_that_came_after_the_lenders_results_is_post_hoc(place: Place) -> None:
    assert place.call(*RUN, "pair").status == 0
    path = place.file.with_name("borrower.yaml")
    path.write_text(BORROWER.replace("margin: 0.3", "margin: 0.2"))
    assert claims(place, "borrower")["small/borrower:shared"]["post_hoc"]


def test_evidence_of_a_borrower_has_the_lenders_records(place: Place) -> None:
    assert place.call(*RUN).status == 0
    borrower, lender = evidence(place, "borrower"), evidence(place, "pair")
    (condition,) = borrower.study.matching("clipped", {})
    (lent,) = lender.study.matching("clip", {})
    assert [record.run.seed for record in borrower.of(condition)] == [10, 11, 12, 13]
    assert borrower.of(condition) == lender.of(lent)
    assert borrower.number(borrower.of(condition)[0], "lowest") <= lender.number(lender.of(lent)[0], "loss")
    assert len(borrower.records) == 4 + 3
    assert {record.run.arm for record in lender.records} == {"clip", "penalty"}


def test_overrides_make_a_variant_of_the_shared_runs_too(place: Place) -> None:
    assert place.call(*RUN, "pair", "batch_size=5").status == 0
    found = claims(place, "batch_size=5")
    assert found["small/borrower:shared"]["verdict"] == "reproduced"
    assert claims(place)["small/borrower:shared"]["verdict"] == "not evaluated"


def test_the_report_of_a_borrower_leads_to_the_lenders_runs(place: Place) -> None:
    assert place.call("run", "--quiet", "borrower").status == 0
    page = (place.results / "report" / "desk" / "index.html").read_text()
    lent = [name for name in place.records() if name.startswith("small.pair.clip")]
    assert len(lent) == 4
    assert all(name in page for name in lent)


def test_a_shared_run_is_planned_once(place: Place) -> None:
    answer = place.call("plan")
    assert "small/borrower (desk): 7 runs to begin with, 7 missing" in answer.out
    assert "small/pair (desk): 8 runs to begin with, 8 missing" in answer.out
    assert "In all 11 runs are to be trained" in answer.out


def test_a_lender_that_is_mistaken_is_told_with_its_place(place: Place) -> None:
    place.edit("constraint: {kind: clip, bound: 0.1}", "constraint: {kind: clip, bond: 0.1}")
    answer = place.call("plan", "borrower")
    assert answer.status == 2
    assert "pair.yaml:15" in answer.err
    assert "did you mean 'bound'?" in answer.err


def test_a_mistake_in_another_file_does_not_keep_an_experiment_from_running(place: Place) -> None:
    path = place.file.with_name("borrower.yaml")
    path.write_text(BORROWER.replace("iterations: 1\n", ""))
    assert place.call(*RUN, "pair").status == 0


def test_a_reference_holds_what_borrowers_measure_of_lent_runs(place: Place) -> None:
    assert place.call(*RUN).status == 0
    assert place.call("reference").status == 0
    kept = read_reference(place.results).records
    own = evidence(place, "borrower")
    (clipped,) = own.study.matching("clipped", {})
    assert len(own.of(clipped)) == 4
    for record in own.of(clipped):
        assert "small/borrower:lowest" not in record.metrics
        held = kept[record.run.id].metrics["small/borrower:lowest"]
        assert held.number() == own.number(record, "lowest")
