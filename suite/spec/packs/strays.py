"""Experiments in a pack's folder that lie where nothing reads them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from suite.spec.layout import PAPER_FILE
from suite.spec.packs.declaration import FILE
from suite.spec.packs.found import Pack
from suite.spec.packs.sources import files

ENDINGS: Final = (".yaml", ".yml")
OURS: Final = (re.compile(rb"^id\s*:", re.M), re.compile(rb"^(arms|claims|scales|bibtex)\s*:", re.M))
"""What an experiment or a paper says at its top, and other files of YAML do not, both together."""


def strays(pack: Pack) -> Iterator[str]:
    """Files of YAML outside a pack's folder of experiments that look like one, each as lines for people. What
    its tests and other packs in it have is theirs.
    """
    place = pack.declaration.experiments
    for path in files(pack):
        inside = path.relative_to(pack.folder)
        is_apart = inside.parts[0] in (place, "tests") or _is_of_another(path, pack)
        if path.suffix.lower() not in ENDINGS or is_apart or not _looks_like_one(path):
            continue
        folder = path.parent.name if len(inside.parts) > 1 else "PAPER"
        where = (pack.experiments / folder / path.stem).as_posix()
        cure = f"move it to {where}.yaml" + ("" if path.name == PAPER_FILE else f", beside its {PAPER_FILE}")
        what = f"is not read: a pack's experiments are at {place}/<paper>/<name>.yaml"
        yield f"{path.as_posix()}: {what}\n    {cure}"


def _is_of_another(path: Path, pack: Pack) -> bool:
    between = path.relative_to(pack.folder).parents
    return any((pack.folder / each / FILE).is_file() for each in between if each != Path())


def _looks_like_one(path: Path) -> bool:
    content = path.read_bytes()
    return all(each.search(content) for each in OURS)
