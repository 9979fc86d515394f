"""Keyed random streams: every random number belongs to a key, a purpose and a block.

A stream is made anew from its names, so nothing about it needs saving: a run
draws the same numbers whichever runs it is batched with and wherever it was
stopped and resumed.
"""

import hashlib

import numpy as np


def stream(key: str, purpose: str, block: int = 0) -> np.random.Generator:
    """The generator of ``key`` (a run's id or a protocol's name) for one purpose and block."""
    name = f"{key}\0{purpose}\0{block}".encode()
    digest = hashlib.blake2b(name, digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "little")))
