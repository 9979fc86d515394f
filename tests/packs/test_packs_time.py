"""What a pack's networks take, by what they are said to be like."""

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from suite.cluster.bundle import replicas
from suite.cluster.profile import Profile
from suite.errors import UserError
from suite.launch import pack_networks
from suite.launch.batches import REPLICAS
from suite.launch.estimate import depth
from suite.launch.flops import flops_of_run, products
from suite.launch.memory import megabytes
from suite.spec import schema
from suite.spec.load import load as load_experiment
from suite.spec.packs.found import packs
from suite.store.packs import content
from tests.packs.conftest import BAG

Load = Callable[..., None]
FILE = Path("experiments", "bag", "everything.yaml")
SAID = ", like: {kind: mlp, layers: 2, width: 4}"


def without(folder: Path) -> Path:
    """The pack, which says nothing of what its networks are like."""
    path = folder / "pack.yaml"
    text = path.read_text().replace(SAID, "").replace(", like: {kind: mlp, layers: 1, width: 1}", "")
    assert "like" not in text
    path.write_text(text)
    return folder


def setting(folder: Path) -> schema.Setting:
    return load_experiment(folder / FILE, "desk").arms["free"]


def test_options_are_the_sizes_of_what_it_is_like(bag: Path) -> None:
    critic = schema.PackCritic(use="bag/deep", options={"layers": 5.0, "width": 8.0})
    assert pack_networks.critic(critic) == schema.MLPCritic(layers=5, width=8)
    assert depth(critic) == 5
    generator = schema.PackGenerator(use="bag/scaling", latent=7)
    assert pack_networks.generator(generator) == schema.MLPGenerator(layers=2, width=4, latent=7)


def test_products_are_counted_by_hand(bag: Path) -> None:
    """The critic 3 -> 5 -> 1, the generator 3 -> 4 -> 3: data of dimension 3."""
    assert products(setting(bag)) == (3 * 5 + 5, 3 * 4 + 4 * 3)


def test_a_network_takes_the_memory_of_what_it_is_like(bag: Path) -> None:
    free = setting(bag)
    liked = msgspec.structs.replace(
        free, critic=pack_networks.critic(free.critic), generator=pack_networks.generator(free.generator)
    )
    assert megabytes(free) == megabytes(liked)
    wide = msgspec.structs.replace(free, critic=schema.PackCritic(use="bag/deep", options={"width": 500.0}))
    assert megabytes(wide) > megabytes(free)


def test_of_networks_of_no_known_size_a_batch_has_no_more_than_usual(
    bag: Path, copied: Path, load: Load
) -> None:
    profile = Profile(gpus=1, gpu_memory=80_000)
    assert replicas(setting(bag), profile) > REPLICAS
    load(without(copied))
    assert replicas(setting(copied), profile) == REPLICAS


def test_the_suites_own_networks_are_themselves(bag: Path) -> None:
    assert pack_networks.critic(schema.MLPCritic(layers=3, width=2)) == schema.MLPCritic(layers=3, width=2)
    shift = schema.Shift()
    assert pack_networks.generator(shift) is shift


def test_a_pack_that_says_nothing_is_estimated_without(copied: Path, load: Load) -> None:
    load(without(copied))
    free = setting(copied)
    assert pack_networks.critic(free.critic) is free.critic
    assert pack_networks.generator(free.generator) is free.generator
    assert products(free) == (0, 0)
    assert flops_of_run(free) == 0


def test_neither_is_a_pack_that_is_not_here(bag: Path, load: Load) -> None:
    free = setting(bag)
    load()
    assert pack_networks.critic(free.critic) is free.critic
    assert pack_networks.generator(free.generator) is free.generator


def test_saying_it_trains_nothing_again(copied: Path, load: Load) -> None:
    load(BAG)
    (said,) = map(content, packs())
    load(without(copied))
    (unsaid,) = map(content, packs())
    assert said == unsaid


@pytest.mark.parametrize("wrong", ["{kind: mpl}", "{kind: mlp, layers: 2}", "{kind: pack, use: bag/deep}"])
def test_what_is_like_nothing_is_a_mistake(tmp_path: Path, load: Load, wrong: str) -> None:
    folder = Path(shutil.copytree(BAG, tmp_path / "wrong"))
    path = folder / "pack.yaml"
    path.write_text(path.read_text().replace("like: {kind: mlp, layers: 1, width: 1}", f"like: {wrong}"))
    load(folder)
    with pytest.raises(UserError, match=r"pack\.yaml:\d+:\d+: "):
        packs()
