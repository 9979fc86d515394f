"""No input from outside ends otherwise than in a value or in a UserError, soon and in little memory."""

import warnings
from pathlib import Path

import pytest

from tests.fuzz.kinds import KINDS
from tests.fuzz.trial import Failure, mutant, tried

INPUTS = 300
KEPT = Path(__file__).parent / "kept"
# Readers that answer bad content with nothing or with a flaw, not with an error.
NEVER_REFUSE = {"record", "compact", "heartbeat", "arrays", "series"}


@pytest.mark.parametrize("name", KINDS)
def test_good_inputs_are_read(name: str, tmp_path: Path) -> None:
    for content in KINDS[name].seeds():
        assert tried(KINDS[name], content, tmp_path) is (name not in ("override", "setting"))


@pytest.mark.parametrize("name", KINDS)
def test_bad_inputs_are_read_or_refused(name: str, tmp_path: Path) -> None:
    kind = KINDS[name]
    seeds = kind.seeds()
    found = [tried(kind, mutant(kind, seeds, seed), tmp_path) for seed in range(INPUTS)]
    failures = [each for each in found if isinstance(each, Failure)]
    assert failures == []
    assert True in found
    assert (False in found) is (name not in NEVER_REFUSE)


@pytest.mark.parametrize("path", sorted(KEPT.iterdir()), ids=lambda path: path.name)
def test_inputs_that_once_failed_do_not(path: Path, tmp_path: Path) -> None:
    with warnings.catch_warnings(action="error"):
        assert isinstance(tried(KINDS[path.name.split("-")[0]], path.read_bytes(), tmp_path), bool)
