"""The words of a command that name packs."""

import os
from collections.abc import Iterable
from pathlib import Path

from suite.spec.packs.found import COPIED, Pack, packs


def needed(experiment: Path, used: Iterable[str]) -> list[str]:
    """``--pack FOLDER`` for each pack that brings an experiment's file, or is used by it; none for one
    that is installed, and found without.
    """
    wanted = {*used}
    found = [pack for pack in packs() if pack.name in wanted or experiment.is_relative_to(pack.experiments)]
    return [word for pack in found if not pack.is_installed for word in ("--pack", _place(pack))]


def _place(pack: Pack) -> str:
    """Its folder, seen from here; of a copy that a job runs from its name alone, which says most."""
    if pack.folder.is_relative_to(COPIED):
        return pack.folder.name
    here = Path.cwd()
    return os.fspath(pack.folder.relative_to(here) if pack.folder.is_relative_to(here) else pack.folder)
