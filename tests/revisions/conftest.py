"""A repository that is not to be changed, and copies of it that may be."""

import shutil
from pathlib import Path

import pytest

from tests.revisions.repositories import Copy, copied


@pytest.fixture(scope="session")
def beginning(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A repository of one commit; not to be changed."""
    return copied(tmp_path_factory.mktemp("beginning") / "repository")


@pytest.fixture
def copy(beginning: Copy, tmp_path: Path) -> Copy:
    """One that may be."""
    shutil.copytree(beginning.root, tmp_path / "repository")
    return Copy(tmp_path / "repository")
