"""Packs that lie near and were not named: to say so where an experiment of theirs was asked for.

None is used, and of none is any code run.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from suite.errors import UserError
from suite.places import HOME
from suite.spec.layout import experiment_files
from suite.spec.packs.declaration import FILE, read


def pack_with(wanted: Callable[[Path], bool]) -> Path | None:
    """The folder of the first pack, here or among the examples, with an experiment's file that is wanted, as
    seen from here where it is below. None where there is none.
    """
    for folder in _folders():
        with suppress(UserError, OSError):
            if any(map(wanted, experiment_files(folder / read(folder).experiments))):
                here = Path.cwd()
                return folder.relative_to(here) if folder.is_relative_to(here) else folder
    return None


def _folders() -> Iterator[Path]:
    for pattern, root in ((f"*/{FILE}", Path.cwd()), (f"examples/*/{FILE}", HOME)):
        with suppress(OSError):
            yield from (path.parent for path in sorted(root.glob(pattern)))
