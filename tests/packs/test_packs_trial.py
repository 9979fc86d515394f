"""Networks of packs that are none, or mix replicas, are told before they train; failures name a line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from suite.networks.network import Network
from suite.networks.packed import WANTED
from suite.training.loop import train
from suite.training.state import start
from tests.cli.calls import Place
from tests.packs.test_packs_faults import edit, line
from tests.packs.test_packs_shapes import told
from tests.packs.test_packs_training import cohort_of, of_bag

Load = Callable[..., None]
CRITIC = 'return MLP((dimension, *[width] * (layers - 1), 1), "relu", "none")'
GENERATOR = 'return MLP((latent, width, dimension), "tanh", "none")'
OWN = """

class Own(MLP):
    def outputs(self, tensors, x, labels=None):
        made = super().outputs(tensors, x)
        return made.{}


class Few(MLP):
    def initialize(self, how, rng):
        return super().initialize(how, rng)[:-1]


class Headless(MLP):
    def heads(self, tensors, x, labels=None):
        return x, x
"""


@pytest.fixture
def changed(copied: Path, load: Load) -> Callable[[str, str], None]:
    """Let the pack make something else, where ``Own`` returns its outputs so changed."""

    def change(old: str, new: str, outputs: str = "clone()") -> None:
        file = copied / "networks.py"
        edit(file, old, new)
        file.write_text(file.read_text() + OWN.format(outputs))
        load(copied)

    return change


def trained() -> str:
    """What is told when a single run is trained."""
    cohort = cohort_of(of_bag(count=1))
    return told(lambda: train(cohort, start(cohort), lambda _: None))


def test_all_that_a_network_has_is_looked_for() -> None:
    assert {*WANTED} == {name for name in vars(Network) if not name.startswith("_")}


def test_what_is_no_network_is_told(changed: Callable[..., None]) -> None:
    changed(CRITIC, "return 3")
    said = told(lambda: cohort_of(of_bag(count=1)))
    assert said.startswith("critic 'bag/deep' is made as int, which has no parameters, couples_samples, ")


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        ("unsqueeze(2)", "outputs gave shape [2, 4, 1], not [2, 4]"),
        ("detach()", "outputs gave a tensor without a gradient"),
        ("add(made.mean(0))", "outputs mixes replicas"),
        ("numpy(force=True)", "outputs gave ndarray, not a tensor of shape [2, 4]"),
    ],
)
def test_a_critics_outputs_are_tried(changed: Callable[..., None], outputs: str, said: str) -> None:
    changed(CRITIC, CRITIC.replace("MLP", "Own"), outputs)
    assert trained().startswith(f"critic 'bag/deep': {said}")


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        ("flatten(1)", "outputs gave shape [2, 12], not [2, 4, 3]"),
        ("detach()", "outputs gave a tensor without a gradient"),
        ("sub(made.flip(0))", "outputs mixes replicas"),
    ],
)
def test_a_generators_outputs_are_tried(changed: Callable[..., None], outputs: str, said: str) -> None:
    changed(GENERATOR, GENERATOR.replace("MLP", "Own"), outputs)
    assert trained().startswith(f"generator 'bag/scaling': {said}")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("Few", "initialize gave shape [25], not [26], its `parameters`"),
        ("Headless", "heads, its first, gave shape [2, 4, 3], not [2, 4]"),
    ],
)
def test_so_are_its_parameters_and_its_heads(changed: Callable[..., None], kind: str, said: str) -> None:
    changed(CRITIC, CRITIC.replace("MLP", kind))
    assert trained().startswith(f"critic 'bag/deep': {said}")


def test_a_constraint_that_constrains_nothing_is_told(copied: Path, load: Load) -> None:
    for name in ("penalty", "project"):
        edit(copied / "code.py", f"def {name}(", f"def {name}s(")
    load(copied)
    assert trained().startswith("constraint 'bag/ball' has neither a penalty nor a project of its own\n")


def test_a_run_that_fails_in_a_packs_code_names_its_line(
    changed: Callable[..., None], place: Place, copied: Path
) -> None:
    changed(CRITIC, CRITIC.replace("MLP", "Own"), "nothing()")
    answer = place.call("run", "bag/everything", "--scale", "smoke", "--no-report", "--quiet")
    file = copied / "networks.py"
    assert answer.status == 1
    assert f"\n    {file.as_posix()}, line {line(file, 'nothing()')}\n" in answer.out + answer.err
