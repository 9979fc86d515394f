"""Checksums of data files against the published ones."""

import gzip
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from suite.data.damage import Damaged
from suite.data.known import Part

_PIECE = 1 << 20
Verdict = Literal["ok", "differs from the published one", "no published checksum"]


def verdict(part: Part, path: Path) -> Verdict:
    """Whether the file has the published checksum. Reads all of it; errors of damaged archives pass."""
    if not part.checksum or path.is_dir():
        return "no published checksum"
    return "ok" if matches(part, pieces(part, path)) else "differs from the published one"


def matches(part: Part, content: Iterator[bytes]) -> bool:
    """Whether content has the published checksum, of which only the beginning may be known."""
    algorithm, _, digits = part.checksum.partition(":")
    found = hashlib.new(algorithm, usedforsecurity=False)
    for piece in content:
        found.update(piece)
    return found.hexdigest().startswith(digits)


def pieces(part: Part, path: Path) -> Iterator[bytes]:
    """The unpacked content, piece by piece; Damaged where it is longer than it may be."""
    total = 0
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        while piece := file.read(_PIECE):
            total += len(piece)
            if part.size and total > part.size:
                raise Damaged(f"unpacks to more than {part.size:,} bytes")
            yield piece


def check(part: Part, path: Path) -> None:
    """Damaged where a file has not the published checksum. Reads all of it, and keeps nothing."""
    if verdict(part, path) == "differs from the published one":
        raise Damaged(f"differs from the published file ({part.checksum})")


def verified(part: Part, path: Path) -> bytes:
    """The unpacked content of a file with the published checksum; Damaged where it differs."""
    content = b"".join(pieces(part, path))
    if part.checksum and not matches(part, iter([content])):
        raise Damaged(f"differs from the published file ({part.checksum})")
    return content
