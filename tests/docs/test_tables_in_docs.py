"""The tables in README.md and docs/ are those that the committed reference makes now."""

from collections import Counter

import pytest

import update_readme
from pages.verdicts import Row, Verdicts, cell, counted, every_claim
from suite.store.reference import read_reference
from tests.docs.pages import ROOT


@pytest.fixture(scope="module")
def verdicts() -> Verdicts:
    return Verdicts(ROOT / "experiments", ROOT / "results")


def test_the_tables_are_current(verdicts: Verdicts) -> None:
    for path, made in update_readme.files(verdicts).items():
        assert path.read_text(encoding="utf-8") == made, f"{path.name}: uv run python docs/update_readme.py"


def test_every_claim_of_the_reference_is_told(verdicts: Verdicts) -> None:
    stated = {claim.id: claim for claim in read_reference(ROOT / "results").claims}
    rows = {row.id: row for row in verdicts.rows}
    assert stated.keys() <= rows.keys()
    told = Counter(row.verdict("desk") for row in rows.values())
    assert told["reproduced"] == sum(claim.verdict == "reproduced" for claim in stated.values())


def test_a_claim_under_another_rule_is_not_run(verdicts: Verdicts) -> None:
    row = next(row for row in verdicts.rows if "desk" in row.stated)
    assert cell(row._replace(stated={}), "desk") == "not run"
    assert cell(row._replace(stated={}, required={"paper": "> 0"}), "desk") == "not asked"


def test_controls_and_scales_that_matter_stand_beside_the_verdict(verdicts: Verdicts) -> None:
    rows = {row.id: row for row in verdicts.rows}
    explodes = cell(rows["wgan-gp/gradient-norms:clip_0_1_explodes"], "desk")
    assert explodes.startswith("✓ reproduced: ")
    assert "control not as expected: inside the range" in explodes
    assert "decided from paper scale on" in cell(rows["wgan-gp/cifar10:as_published"], "desk")


def test_counts(verdicts: Verdicts) -> None:
    def of(verdict: str) -> Row:
        return next(row for row in verdicts.rows if row.verdict("desk") == verdict)

    some = [of("reproduced"), of("reproduced"), of("inconclusive")]
    assert counted(some, "desk") == "2\u00a0✓, 1\u00a0?"
    assert counted([row._replace(stated={}) for row in some], "desk") == "not run"


def test_each_experiment_has_a_heading(verdicts: Verdicts) -> None:
    told = every_claim(verdicts)
    assert all(f"\n### {name}\n" in told for name in {row.experiment for row in verdicts.rows})
