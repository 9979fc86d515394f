"""What of a pack is meant where a file names it in another way than files do."""

from collections.abc import Collection, Mapping
from typing import Final

from suite.spec.nodes import Entry, Scalar
from suite.spec.packs.declaration import SECTIONS, Section
from suite.spec.packs.found import Pack, pack, packs
from suite.spec.places import nearest

SLOTS: Final[Mapping[str, tuple[Section, ...]]] = {
    "data": ("data", "images"),
    "generator": ("generators",),
    "critic": ("critics",),
    "loss": ("losses",),
    "constraint": ("constraints",),
}
"""What of packs the keys of a setting may name."""
BESIDE: Final = frozenset({"use", "options", "latent", "initialization", "limit", "dequantize"})
"""Keys that stand beside the name, and are no options."""


def meant(slot: str, word: str, own: Collection[str]) -> str:
    """``pack/name`` where a word is more like a name that a pack brings than like any of the suite's own."""
    if slot not in SLOTS:  # So that a pack's own declaration can be explained while it is read.
        return ""
    names = {
        name: f"{each.name}/{name}"
        for each in packs()
        for section in SLOTS[slot]
        for name in each.declaration.section(section)
    }
    return names.get(nearest(word, [*names, *own]), "")


def written_out(slot: str, use: str, entries: Mapping[str, Entry]) -> str:
    """How to write what has ``pack/name`` for its kind; empty where nothing of a pack can stand."""
    if slot not in SLOTS or "/" not in use:
        return ""
    scalars = {key: e.node.text for key, e in entries.items() if key != "kind" and isinstance(e.node, Scalar)}
    options = ", ".join(f"{key}: {text}" for key, text in scalars.items() if key not in BESIDE)
    beside = [f"{key}: {text}" for key, text in scalars.items() if key in BESIDE]
    kind = "pack_images" if section_of(use) == "images" else "pack"
    words = [f"kind: {kind}", f"use: {use}", *beside, *([f"options: {{{options}}}"] if options else [])]
    return f"write {{{', '.join(words)}}}"


def section_of(use: str) -> Section | None:
    """The section in which a pack that is here brings something of that name."""
    owner, _, name = use.partition("/")
    found: Pack | None = pack(owner)
    every = SECTIONS if found is not None else ()
    return next((each for each in every if found and name in found.declaration.section(each)), None)
