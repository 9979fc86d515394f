"""What of a pack is named in another way than files do it is told with how they do."""

from collections.abc import Callable
from pathlib import Path

import pytest

from suite.errors import UserError
from suite.spec.load import load as load_file
from suite.spec.overrides import parse_overrides, variants
from suite.spec.packs.faults import pack_faults
from suite.spec.packs.found import packs
from tests.packs.conftest import BAG
from tests.packs.test_packs_faults import edit

Load = Callable[..., None]
FILE = BAG / "experiments" / "bag" / "everything.yaml"


@pytest.mark.parametrize(
    ("override", "cure"),
    [
        ("constraint=ball", "did you mean 'bag/ball'? what a pack brings is named with the pack"),
        ("critic=dep", "did you mean 'bag/deep'? what a pack brings is named with the pack"),
        ("data=stripes", "did you mean 'bag/stripes'? what a pack brings is named with the pack"),
        ("loss=scaledhinge", "did you mean 'bag/scaled_hinge'? what a pack brings is named with the pack"),
        # The suite's own is nearer, or nothing is near.
        ("constraint=clp", "did you mean 'clip'? legal kinds: clip, gradient_penalty, none, pack, r1"),
        ("loss=hing", "did you mean 'hinge'?"),
        ("constraint=xyz", "legal kinds: clip, gradient_penalty, none, pack, r1"),
        (
            "constraint={kind: bag/ball, radius: 1, weight: 2}",
            "write {kind: pack, use: bag/ball, options: {radius: 1, weight: 2}}",
        ),
        ("constraint={kind: bag/ball}", "write {kind: pack, use: bag/ball}"),
        ("generator={kind: bag/scaling, latent: 3}", "write {kind: pack, use: bag/scaling, latent: 3}"),
        (
            "data={kind: bag/stripes, limit: 5, count: 9}",
            "write {kind: pack_images, use: bag/stripes, limit: 5, options: {count: 9}}",
        ),
        ("loss={kind: bag/scaled_hinge}", "write {kind: pack, use: bag/scaled_hinge}"),
        ("constraint=bag/scaled_hinge", "it is a loss of that pack: bag/scaled_hinge cannot stand here"),
        ("loss=bag/cross", "it is a data set of that pack: bag/cross cannot stand here"),
        ("loss=bag/hinge", f"it brings scaled_hinge: {BAG}/pack.yaml"),
        ("loss=other/hinge", "name its folder with --pack FOLDER, or install it; packs here: bag"),
    ],
)
def test_the_cure_names_it_as_files_do(bag: Path, override: str, cure: str) -> None:
    (variant,) = variants(parse_overrides([override]))
    with pytest.raises(UserError) as caught:
        load_file(FILE, "desk", variant)
    assert f"\n    {cure}" in f"{caught.value}\n"


def test_a_module_is_named_without_its_ending(copied: Path, load: Load) -> None:
    edit(copied / "pack.yaml", '"code:Ball"', '"code.py:Ball"')
    load(copied)
    (fault,) = pack_faults(packs()[0])
    assert fault.endswith(
        ": constraint 'ball' is said to be at code.py:Ball, which is not there\n"
        "    modules are named without .py: write code:Ball"
    )


def test_a_declaration_that_is_being_read_is_not_asked_what_was_meant(copied: Path, load: Load) -> None:
    edit(copied / "pack.yaml", "like: {kind: mlp, layers: 2, width: 4}", "like: {kind: mpl}")
    load(copied)
    with pytest.raises(UserError, match=r"unknown kind 'mpl' of generators\.scaling\.like"):
        packs()
