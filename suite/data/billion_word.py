"""The One Billion Word Benchmark: one sentence a line, in shards of plain text (gan_language.py).

As in the released code, a sentence is cut or filled up with ``FILL`` to the length of a line, and the
most frequent characters of all lines, the filling among them, are kept. The code reads bytes; here
characters are those of UTF-8, so that samples can be read.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from suite.data.catalogue import absent, entry, files, root
from suite.data.damage import Damaged, reading
from suite.errors import UserError
from suite.spec import schema

NAME = "billion_word"
"""In the table of data sets."""
FILL = "`"
UNKNOWN = "\N{REPLACEMENT CHARACTER}"
"""What stands for all characters that are not kept: the code's ``unk``."""
HELD_OUT = 100_000
"""Lines that are not trained on; a tenth where there are fewer than ten times as many."""
_AT_ONCE = 100_000
_LONGEST = 1_000_000
Codes = NDArray[np.uint8]


class Text(NamedTuple):
    """Lines as places in ``alphabet`` [lines, length], whose first is ``UNKNOWN``."""

    alphabet: str
    train: Codes
    held_out: Codes


def load(data: schema.BillionWord) -> Text:
    """The lines, read once per process. UserError where files are missing or damaged."""
    return _loaded(data, root())


@lru_cache(maxsize=1)
def _loaded(data: schema.BillionWord, folder: Path) -> Text:
    one = entry(NAME)
    told = absent(one)
    if told:
        raise UserError(told)
    lines = np.concatenate(list(_pieces(data)))
    alphabet, codes = coded(lines, data.vocabulary)
    cut = len(codes) - min(HELD_OUT, max(len(codes) // 10, 1))
    if not cut:
        raise UserError(f"{folder}: {one.title} has too few lines\n    get it whole")
    return Text(alphabet, codes[:cut], codes[cut:])


def coded(lines: NDArray[np.uint16], kept: int) -> tuple[str, Codes]:
    """The alphabet of the ``kept`` most frequent characters after ``UNKNOWN``, and lines in it.

    Where there are fewer, further places are unknown too. ``lines`` are code points; of characters equally
    frequent the one of the lower code comes first.
    """
    counts = np.bincount(lines.ravel(), minlength=1 << 16)
    counts[ord(UNKNOWN)] = 0
    order = np.argsort(-counts, kind="stable")[:kept]
    chosen = order[counts[order] > 0]
    places = np.zeros(1 << 16, np.uint8)
    places[chosen] = np.arange(1, len(chosen) + 1)
    return (UNKNOWN + "".join(map(chr, chosen))).ljust(kept + 1, UNKNOWN), places[lines]


def _pieces(data: schema.BillionWord) -> Iterator[NDArray[np.uint16]]:
    """Code points [some, length]; the few beyond 16 bits become unknown at once, to save memory."""
    sentences = islice(_sentences(), data.limit)
    while some := list(islice(sentences, _AT_ONCE)):
        text = "".join(each[: data.length].ljust(data.length, FILL) for each in some)
        points = np.frombuffer(text.encode("utf-32-le"), "<u4").reshape(len(some), data.length)
        yield np.where(points < 1 << 16, points, ord(UNKNOWN)).astype(np.uint16)


def _sentences() -> Iterator[str]:
    one = entry(NAME)
    for file in files(one):
        with reading(file.path, one):
            yield from in_shard(file.path)


def in_shard(path: Path) -> Iterator[str]:
    """The sentences of a file; Damaged where a line is too long for one, before it is read whole."""
    with path.open(encoding="utf-8", newline="\n") as opened:
        while line := opened.readline(_LONGEST + 1):
            sentence = line.removesuffix("\n")
            if len(sentence) > _LONGEST:
                raise Damaged(f"has a line of more than {_LONGEST:,} characters: it is no shard of sentences")
            yield sentence
