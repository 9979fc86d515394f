"""Networks of packs that are none, or mix replicas, are told before they train; failures name a line."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from suite.launch.trial import try_networks
from suite.networks.network import Network
from suite.networks.packed import WANTED
from suite.objectives.constraint import Constraint
from suite.spec import schema
from suite.training.bounds import bounds
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


class Mixed(MLP):
    def heads(self, tensors, x, labels=None):
        made = self.outputs(tensors, x)
        return made + made.mean(0), x


class Double(MLP):
    def initialize(self, how, rng):
        return rng.standard_normal(self.parameters)
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


def tried() -> str:
    """What is told of a single run's networks."""
    return told(lambda: try_networks(cohort_of(of_bag(count=1))))


def test_all_that_a_network_has_is_looked_for() -> None:
    assert {*WANTED} == {name for name in vars(Network) if not name.startswith("_")}


def test_what_is_no_network_is_told(changed: Callable[..., None]) -> None:
    changed(CRITIC, "return 3")
    said = told(lambda: cohort_of(of_bag(count=1)))
    assert said.startswith("critic 'bag/deep' is made as int, which has no parameters, couples_samples, ")


@pytest.mark.parametrize(
    ("of", "outputs", "said"),
    [
        (CRITIC, "unsqueeze(2)", "gave shape [2, 4, 1], not [2, 4]"),
        (CRITIC, "detach()", "gave a tensor without a gradient"),
        (CRITIC, "add(made.mean(0))", "mixes replicas"),
        (CRITIC, "narrow(0, 0, 1).expand_as(made)", "mixes replicas"),
        (CRITIC, "add(made.detach().clone().uniform_())", "came out otherwise the second time"),
        (CRITIC, "numpy(force=True)", "gave ndarray, not a tensor of shape [2, 4]"),
        (GENERATOR, "flatten(1)", "gave shape [2, 12, 1], not [2, 4, 3]"),
        (GENERATOR, "detach()", "gave a tensor without a gradient"),
        (GENERATOR, "sub(made.flip(0))", "mixes replicas"),
    ],
)
def test_a_networks_outputs_are_tried(changed: Callable[..., None], of: str, outputs: str, said: str) -> None:
    changed(of, of.replace("MLP", "Own"), outputs)
    name = "critic 'bag/deep'" if of == CRITIC else "generator 'bag/scaling'"
    assert tried().startswith(f"{name}: outputs {said}")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("Few", "initialize gave float32 of shape [25], not float32 of shape [26], its `parameters`"),
        ("Double", "initialize gave float64 of shape [26], not float32 of shape [26]"),
        ("Headless", "heads gave shape [2, 4, 3], not [2, 4]"),
        ("Mixed", "heads mixes replicas"),
    ],
)
def test_so_are_its_parameters_and_its_heads(
    changed: Callable[..., None], copied: Path, kind: str, said: str
) -> None:
    changed(CRITIC, CRITIC.replace("MLP", kind))
    found = tried()
    assert found.startswith(f"critic 'bag/deep': {said}")
    file = copied / "networks.py"
    assert found.endswith(f"\n    {file.as_posix()}, line {line(file, 'def critic')}")


def test_whole_networks_pass_on_data_of_one_coordinate_too(bag: Path) -> None:
    (run,) = of_bag(count=1)
    try_networks(cohort_of([run]))
    try_networks(cohort_of([replace(run, setting=replace(run.setting, data=schema.TwoGaussians()))]))


def test_a_network_is_tried_on_a_batch_that_it_is_trained_on(
    changed: Callable[..., None], copied: Path
) -> None:
    """Where batches are accumulated, on a part of one."""
    changed(CRITIC, CRITIC.replace("MLP", "Own"), "view(-1, 2, 2).flatten(1)")
    (run,) = of_bag(count=1)
    try_networks(cohort_of([run]))
    parts = replace(run, setting=replace(run.setting, accumulate=4))
    said = told(lambda: try_networks(cohort_of([parts])))
    file = copied / "networks.py"
    assert said == (
        "critic 'bag/deep', tried with samples of shape [2, 1, 3]: "
        "RuntimeError: shape '[-1, 2, 2]' is invalid for input of size 2\n"
        f"    {file.as_posix()}, line {line(file, 'return made.')}: mend it there"
    )


def test_a_constraint_that_constrains_nothing_is_told(copied: Path, load: Load) -> None:
    for name in ("penalty", "project"):
        edit(copied / "code.py", f"def {name}(", f"def {name}s(")
    load(copied)
    said = told(lambda: bounds(cohort_of(of_bag(count=1))))
    assert said.startswith("constraint 'bag/ball' has neither a penalty nor a project of its own\n")


@pytest.mark.parametrize("lacking", ["penalty", "project"])
def test_one_of_the_two_is_enough_for_a_constraint(copied: Path, load: Load, lacking: str) -> None:
    edit(copied / "code.py", f"def {lacking}(", f"def {lacking}s(")
    load(copied)
    assert isinstance(bounds(cohort_of(of_bag(count=1))), Constraint)


def test_a_run_that_fails_in_a_packs_code_names_its_line(
    changed: Callable[..., None], place: Place, copied: Path
) -> None:
    changed(CRITIC, CRITIC.replace("MLP", "Own"), "nothing()")
    answer = place.call("run", "bag/everything", "--scale", "smoke", "--no-report", "--quiet")
    file = copied / "networks.py"
    assert answer.status == 1
    assert (
        f"\n    {file.as_posix()}, line {line(file, 'nothing()')}: mend it there\n" in answer.out + answer.err
    )
