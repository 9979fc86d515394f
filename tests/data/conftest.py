"""A data folder of the test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.data.published import Place, place_at


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """An empty data folder that this process looks in."""
    yield from place_at(tmp_path / "data", monkeypatch)
