"""The committed reference is what this code gives: a change of results is a decision, and has a line."""

import re

import pytest

from suite.commands.choose import studies
from suite.compare.compare import compare
from suite.compare.side import Side
from suite.compare.text import differing
from suite.revisions.variations import FIRST, train
from suite.store.reference import read_reference
from suite.store.version import ROOT, fingerprint
from tests.cli.calls import selected
from tests.reference.sample import CURE, broken, chosen, is_same_machine

RESULTS = ROOT / "results"


@pytest.mark.slow
def test_a_sample_trained_again_gives_the_results_of_the_reference() -> None:
    reference = read_reference(RESULTS)
    looks = chosen(studies(selected("report", "--scale", reference.head.scale)), reference.records)
    assert looks, "nothing of the reference can be trained here"
    runs = list({run.id: run for look in looks for run in look.runs}.values())
    asking = list(dict.fromkeys(look.study for look in looks))
    trained = {name: each.record for name, each in train(FIRST, runs, asking).items()}
    assert trained.keys() == {run.id for run in runs}
    known = {name: reference.records[name] for name in trained}
    found = compare(asking, Side("reference", "", known), Side("now", "", trained))
    first = next(iter(trained))
    same_machine = is_same_machine(known[first].environment, trained[first].environment)
    differs = [reason.told for reason in differing(found)]
    print(
        f"{sum(run.mark == 'identical' for run in found.runs)} of {len(found.runs)} runs have the same bits",
        *differs,
    )
    wrong = broken(found, same_machine=same_machine)
    assert not wrong, "\n".join([CURE, *wrong, *differs])


def test_the_changelog_tells_of_the_reference() -> None:
    """Whether its code is this one or not: equal results of other code are no change of results."""
    head = read_reference(RESULTS).head
    assert head.fingerprint in results_told((ROOT / "CHANGELOG.md").read_text(encoding="utf-8")), (
        f"the reference is of code {head.fingerprint} (this is {fingerprint()})\n"
        f'add a line to CHANGELOG.md under "Results": - `{head.fingerprint}`: what has changed, and why'
    )


def results_told(changelog: str) -> set[str]:
    """The fingerprints that begin a line under a heading "Results"."""
    sections = re.findall(r"^#+ Results\n(.*?)(?=^#|\Z)", changelog, flags=re.MULTILINE | re.DOTALL)
    return {name for text in sections for name in re.findall(r"^- `([0-9a-f]{12})`: \S", text, re.MULTILINE)}
