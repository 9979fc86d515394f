"""Uncommitted changes are kept where records name them."""

from pathlib import Path

import pytest

from suite.store import patches
from suite.store.patches import keep_patch
from suite.store.record import Code
from suite.store.store import Store


@pytest.mark.parametrize(("named", "kept"), [("", {}), ("0123456789ab", {"0123456789ab.patch": b"+A"})])
def test_a_patch_is_kept_by_the_name_that_records_give(
    named: str, kept: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patches, "code", lambda: Code("fingerprint0", "commit", named))
    monkeypatch.setattr(patches, "patch", lambda: b"+A")
    store = Store(tmp_path, "fingerprint0")
    keep_patch(store)
    assert {path.name: path.read_bytes() for path in store.runs.glob("*")} == kept
