"""Each piece of YAML that the pages show is legal, and what it is said to be."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
import yaml

from suite.cluster import profiles
from suite.errors import UserError
from suite.spec.load import check_text, load
from suite.spec.overrides import parse_overrides, variants
from suite.spec.packs.declaration import read
from suite.spec.packs.found import VARIABLE
from tests.docs.pages import PAGES, ROOT, fenced, text

EXPERIMENTS: Final = ROOT / "experiments"
EXAMPLE: Final = ROOT / "examples" / "spectral_normalization"
SPECTRA: Final = EXAMPLE / "experiments" / "spectral_normalization" / "singular_values.yaml"
KEY: Final = re.compile(r"[A-Za-z_][\w .-]*:[ \n]")

MY_PACK = """\
pack: my-pack
images:
  my_images: {at: "code:images", shape: [8, 8, 1], classes: 2}
probes:
  my_probe: {at: "code:probe", quantities: {largest: a number}, options: {points: 5}}
metrics:
  my_metric: {at: "code:metric"}
figures:
  my_figure: {at: "code:figure"}
"""
MINE = """\
id: my-paper/first-figure
title: Mine
paper: mine2020
base:
  DATA
  generator: {kind: mlp, layers: 2, width: 4, latent: 4}
  critic: {kind: mlp, layers: 2, width: 4}
  loss: wasserstein
  optimizer: {kind: rmsprop, lr: 1e-3}
  batch_size: 4
  iterations: 12
  PROBES
arms: {one: {constraint: {kind: clip, bound: 0.1}}}
metrics:
  seen: {series: my-pack/my_probe.largest}
  made: METRIC
claims:
  high: {says: It is high., kind: threshold, metric: seen, arm: one, better: higher, margin: 1}
figures:
  mine: FIGURE
scales: {smoke: {}, desk: {}, gpu: {}, paper: {}}
"""


def blocks(page: Path) -> list[str]:
    """The indented blocks that begin with a key, and the fenced ones."""
    found = re.findall(r"(?<=\n\n)((?:    .*\n|\n(?=    ))+)", text(page))
    plain = [re.sub(r"^    ", "", each, flags=re.MULTILINE) for each in found]
    return [each for each in plain if KEY.match(each)] + fenced(page, "yaml")


def first(block: str) -> str:
    return block.partition(":")[0]


BLOCKS: Final = {(page.name, first(block)): block for page in PAGES for block in blocks(page)}


def inline(page: str, begin: str) -> str:
    """The code in a sentence that begins so, on one line."""
    (found,) = {
        each for each in re.findall(r"`([^`]*)`", text(ROOT / "docs" / page)) if each.startswith(begin)
    }
    return " ".join(found.split()).replace("{...}", "{}")


def is_part(piece: object, whole: object) -> bool:
    """Whether all that is in one is in the other, at the same places."""
    if isinstance(piece, dict) and isinstance(whole, dict):
        return all(key in whole and is_part(value, whole[key]) for key, value in piece.items())
    return piece == whole


def of_an_experiment(block: str, name: str) -> None:
    """What a page shows of an experiment's file is in it. Dots stand for more of it."""
    piece = yaml.safe_load(re.sub(r"^ +\.\.\.\n", "", block, flags=re.MULTILINE))
    assert is_part(piece, yaml.safe_load((EXPERIMENTS / name).read_text(encoding="utf-8")))


def of_several(block: str) -> None:
    for section, entries in yaml.safe_load(block).items():
        name = {"across": "wgan/generator_robustness.yaml", "borrowed": "wgan_gp/critic_loss_converges.yaml"}
        of_an_experiment(yaml.safe_dump({section: entries}), name[section])


def a_pack(block: str, folder: Path) -> None:
    (folder / "pack.yaml").write_text(block, encoding="utf-8")
    assert read(folder).pack == "spectral-normalization"
    assert is_part(yaml.safe_load(block), yaml.safe_load((EXAMPLE / "pack.yaml").read_text(encoding="utf-8")))


def constraints(block: str) -> None:
    """Each line is one way of saying it; the first has the option as declared."""
    kinds = []
    for line in block.splitlines():
        (variant,) = variants(parse_overrides([line.replace(": ", "=", 1)]))
        (kind,) = {arm.constraint for arm in load(SPECTRA, "smoke", variant).arms.values()}
        kinds.append(kind)
    assert [dict(each.options) for each in kinds] == [{}, {"weight": 0.01}]
    assert {each.use for each in kinds} == {"spectral-normalization/orthonormal"}


def a_profile(block: str, folder: Path) -> None:
    (folder / "mine.yaml").write_text(block, encoding="utf-8")
    made = profiles.profile(str(folder / "mine.yaml"))
    assert (made.partition, made.account) == ("NAME", "my-group")


CHECKED: Final[dict[tuple[str, str], Callable[..., None]]] = {
    ("README.md", "base"): lambda block, _: of_an_experiment(block, "wgan_gp/gradient_norms.yaml"),
    ("README.md", "across"): lambda block, _: of_several(block),
    ("packs.md", "pack"): a_pack,
    ("packs.md", "constraint"): lambda block, _: constraints(block),
    ("cluster.md", "partition"): a_profile,
    ("verdict.md", "claims"): lambda block, _: of_an_experiment(block, "wgan_gp/gradient_norms.yaml"),
}
ELSEWHERE: Final = {"add_a_claim.md"}
"""Held to the format in tests/docs/test_code_in_docs.py."""


@pytest.fixture(autouse=True)
def example(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(EXAMPLE))


def test_every_block_is_one_that_is_checked() -> None:
    assert {place for place in BLOCKS if place[0] not in ELSEWHERE} == CHECKED.keys()


@pytest.mark.parametrize("place", CHECKED, ids=" ".join)
def test_a_block_is_legal(place: tuple[str, str], tmp_path: Path) -> None:
    CHECKED[place](BLOCKS[place], tmp_path)


def test_what_is_not_in_the_file_is_found() -> None:
    block = BLOCKS["README.md", "base"]
    with pytest.raises(AssertionError):
        of_an_experiment(block.replace("margin: 0.15", "margin: 0.2"), "wgan_gp/gradient_norms.yaml")


PIECES: Final = {
    "DATA": "data: {kind: pack_images",
    "PROBES": "probes: {packs:",
    "METRIC": "{series:",
    "FIGURE": "{kind: pack, use: my-pack/my_figure",
}


def test_pieces_of_experiments_in_sentences_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pack.yaml").write_text(MY_PACK)
    (tmp_path / "experiments").mkdir()
    monkeypatch.setenv(VARIABLE, os.fspath(tmp_path))
    whole = MINE
    for name, begin in PIECES.items():
        whole = whole.replace(name, inline("packs.md", begin))
    whole = whole.replace("quality.w1", "my-pack/my_probe.largest")  # The data are images.
    check(whole, tmp_path)
    for said in ("my_probe", "my_metric", "my_figure", "my_images"):
        with pytest.raises(UserError, match="brings none of that name"):
            check(whole.replace(f"my-pack/{said}", "my-pack/another"), tmp_path)


def check(whole: str, folder: Path) -> None:
    check_text(whole.encode(), "docs", "my-paper/first-figure", "mine2020", folder / "experiments")
