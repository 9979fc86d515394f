"""Results of one version of the code, chosen by its fingerprint or by age."""

from collections.abc import Mapping
from pathlib import Path

from suite.errors import UserError
from suite.store.frames import Frames, frames
from suite.store.nearby import making
from suite.store.store import Store
from suite.store.version import fingerprint
from suite.store.version_names import alone, loaded, versions_in


def load(root: Path, code: str | None) -> Frames:
    """See ``suite.load``."""
    if not root.is_dir():
        raise UserError(
            f"{root.as_posix()}: no such folder of results\n    give the folder that `run` wrote to"
        )
    stores = {version: Store(root, version, loaded()) for version in [fingerprint(), *versions_in(root)]}
    newest = {version: ended for version, store in stores.items() if (ended := _last_end(store))}
    if not newest:
        raise UserError(f"{root.as_posix()}: no results in there\n    {making(root)}")
    if code is not None and code not in newest:
        raise UserError(
            f"{root.as_posix()}: no results of code {code!r}\n    fingerprints: {', '.join(sorted(newest))}"
        )
    return frames(stores[code or _usual(newest)])


def _usual(newest: Mapping[str, str]) -> str:
    """The code as it is, where it has results; else that of the newest, by when each last made one."""
    now = fingerprint()
    return now if now in newest else max(alone([*newest]), key=lambda name: newest[name])


def _last_end(store: Store) -> str:
    """When the newest record was written, ISO 8601 in UTC; empty where there is none."""
    return max((record.ended for record in store.records().values()), default="")
