"""A reproducibility benchmark suite for Wasserstein GANs."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from suite.store.frames import Frames


def load(path: Path | str = "results", code: str | None = None) -> "Frames":
    """The results in a folder as pandas frames: ``runs``, ``metrics`` and ``series``.

    Records of different versions of the code are kept apart, by its fingerprint: ``code`` chooses
    one; without it, it is the code as it is, or where that has no results the version of the newest
    record. Raises ``suite.errors.UserError`` where there are no such results.
    """
    from suite.store.load import load as load_frames  # Imported here: pandas takes its time.

    return load_frames(Path(path), code)
