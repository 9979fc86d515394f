"""What a pack makes of its options is told where it is none, with the thing, its file and its line."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from suite.launch.pack_trials import try_made, try_packs
from suite.spec import schema
from tests.cli.calls import Place
from tests.packs.test_packs_faults import edit, line
from tests.packs.test_packs_shapes import told
from tests.packs.test_packs_training import cohort_of, of_bag

Load = Callable[..., None]
Change = Callable[..., Path]
CRITIC = 'return MLP((dimension, *[width] * (layers - 1), 1), "relu", "none")'
GENERATOR = 'return MLP((latent, width, dimension), "tanh", "none")'
LOSS = "self.scale * ((1 - real).clamp_min(0).mean(1) + (1 + fake).clamp_min(0).mean(1))"


@pytest.fixture
def changed(copied: Path, load: Load) -> Change:
    """Let one of the pack's modules say something else; the module's file."""

    def change(module: str, old: str, new: str) -> Path:
        edit(copied / module, old, new)
        load(copied)
        return copied / module

    return change


def making() -> None:
    try_made(of_bag(count=1)[0].setting)


def trying() -> None:
    try_packs(cohort_of(of_bag(count=1)))


def require_place(found: str, said: str, place: str) -> None:
    """That a message begins as it must, and has the place once, on a line of its own."""
    assert found.startswith(said)
    assert found.count(f"\n    {place}") == 1


@pytest.mark.parametrize(
    ("module", "old", "new", "said", "at"),
    [
        ("networks.py", CRITIC, "return None", "critic 'bag/deep' is made as NoneType, ", "def critic"),
        ("networks.py", GENERATOR, "return 1", "generator 'bag/scaling' is made as int, ", "def generator"),
        (
            "networks.py",
            CRITIC,
            'return MLP((dimension, 1), "swish", "none")',
            "critic 'bag/deep': an MLP knows no activation 'swish'\n    it knows: elu, leaky_relu, ",
            "def critic",
        ),
        (
            "networks.py",
            GENERATOR,
            'return MLP((latent, dimension), "tanh", "batchnorm")',
            "generator 'bag/scaling': an MLP knows no normalization 'batchnorm'\n    did you mean 'batch'? ",
            "def generator",
        ),
        (
            "networks.py",
            CRITIC,
            "return shape[7]",
            "critic 'bag/deep', made for samples of shape [3]: IndexError: tuple index out of range\n",
            "return shape[7]",
        ),
        (
            "code.py",
            "def generator(self",
            "def generate(self",
            "loss 'bag/scaled_hinge' is made as ScaledHinge, which has no generator\n    give it critic(",
            "class ScaledHinge",
        ),
        (
            "code.py",
            "self.radius, self.weight = radius, weight",
            "self.radius = radius / 0",
            "constraint 'bag/ball', made with its options: ZeroDivisionError: float division by zero\n",
            "radius / 0",
        ),
        ("code.py", "Ball(Constraint)", "Ball", "constraint 'bag/ball' is made as Ball\n", "class Ball"),
    ],
)
def test_it_is_told_before_anything_is_tried(
    changed: Change, module: str, old: str, new: str, said: str, at: str
) -> None:
    file = changed(module, old, new)
    require_place(told(making), said, f"{file.as_posix()}, line {line(file, at)}")


@pytest.mark.parametrize(
    ("module", "old", "new", "said", "at"),
    [
        (
            "networks.py",
            CRITIC,
            'return MLP((2, width, 1), "relu", "none")',
            "critic 'bag/deep', tried with samples of shape [2, 4, 3]: RuntimeError: Expected size ",
            "def critic",
        ),
        (
            "networks.py",
            GENERATOR,
            'return MLP((latent + 1, width, dimension), "tanh", "none")',
            "generator 'bag/scaling', tried with noise of shape [2, 4, 3]: RuntimeError: Expected size ",
            "def generator",
        ),
        (
            "code.py",
            LOSS,
            "real.nothing()",
            "loss 'bag/scaled_hinge', tried with scores of shape [2, 4]: AttributeError: 'Tensor' object ",
            "real.nothing()",
        ),
        (
            "code.py",
            LOSS,
            "(fake - real).mean()",
            "loss 'bag/scaled_hinge': critic gave shape [], not [2]\n    give one number a replica",
            "class ScaledHinge",
        ),
        (
            "code.py",
            "size = (flat**2)",
            "size = (flats**2)",
            "constraint 'bag/ball', tried with samples of shape [2, 4, 3]: NameError: name 'flats' is not",
            "flats",
        ),
    ],
)
def test_what_raises_in_a_trial_is_told_with_what_it_was_tried_with(
    changed: Change, module: str, old: str, new: str, said: str, at: str
) -> None:
    file = changed(module, old, new)
    require_place(told(trying), said, f"{file.as_posix()}, line {line(file, at)}")


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (
            "np.random.rand(count)",
            "sample gave other points of an equal `rng`\n    draw all that",
        ),
        ("np.random.default_rng().random(count)", "sample gave other points of an equal `rng`\n"),
        ("rng.random(count, dtype=np.float16)", "TypeError: "),
    ],
)
def test_data_are_the_generators(changed: Change, new: str, said: str) -> None:
    file = changed("code.py", "self.size * rng.uniform(-1, 1, count)", new)
    found = told(trying).removeprefix("data set 'bag/cross'").removeprefix(", tried with 256 points")
    assert found.removeprefix(": ").startswith(said)
    at = line(file, "rng.random(" if said == "TypeError: " else "class Cross")
    assert f"\n    {file.as_posix()}, line {at}" in found


def test_data_of_another_dimension_are_told_with_their_line(changed: Change) -> None:
    file = changed("code.py", "np.zeros((count, 3))", "np.zeros((count, 4))")
    found = told(trying)
    assert found.startswith("data set 'bag/cross' gave points of shape (256, 4), not (256, 3)\n")
    assert found.endswith(f"\n    {file.as_posix()}, line {line(file, 'class Cross')}")


def test_a_module_that_cannot_be_imported_is_told_as_ever(changed: Change) -> None:
    file = changed("code.py", "\n\n\nclass Cross", "\nimport nowhere\n\n\nclass Cross")
    assert told(making) == (
        "bag/scaled_hinge: its module 'code' cannot be imported: there is no module 'nowhere'\n    "
        f"{file.as_posix()}, line {line(file, 'nowhere')}: install it where the suite is, or do without it"
    )


def test_what_is_whole_passes_and_the_suites_own_is_not_asked(bag: Path) -> None:
    making()
    trying()
    (run,) = of_bag(count=1)
    own = {"critic": schema.MLPCritic(layers=2, width=4), "loss": "hinge"}
    cohort = cohort_of([replace(run, setting=replace(run.setting, **own))])
    try_made(cohort.setting)
    try_packs(cohort)


def test_a_run_is_told_so(changed: Change, place: Place) -> None:
    file = changed("code.py", "def generator(self", "def generate(self")
    words = ("run", "bag/everything", "--scale", "smoke", "--no-report", "--quiet")
    answer = place.call(*words)
    assert answer.status == 1
    assert f"\n    {file.as_posix()}, line {line(file, 'class ScaledHinge')}\n" in answer.out
