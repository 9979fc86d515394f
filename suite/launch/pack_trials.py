"""All that packs bring for a job, made and tried before anything is trained with it.

UserError for what does not do as docs/packs.md says, with its place. Nothing that is trained depends on what
is done here.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple, get_args

from suite.errors import UserError
from suite.launch.constraint_trial import try_constraint
from suite.launch.data_trial import try_data
from suite.launch.placed import placed
from suite.launch.trial import try_networks
from suite.networks import packed
from suite.networks.mlp import MLP
from suite.networks.network import Network
from suite.objectives import constraint, losses
from suite.spec import schema
from suite.spec.packs.code import code
from suite.spec.packs.declaration import Section
from suite.spec.packs.faulty import about
from suite.spec.places import advice
from suite.training.cohort import Cohort

OF_PERCEPTRON = {"activation": get_args(schema.Activation), "normalization": get_args(schema.Normalization)}
"""The words for what lies between its layers, which it does not look at before it is asked for outputs."""
OF_LOSS = ("critic", "generator")
"""What a loss has."""


class Making(NamedTuple):
    """How something of a pack is made for a setting."""

    section: Section
    spec: schema.Packed
    how: str
    """What it is made with."""
    make: Callable[[], object]


def try_made(setting: schema.Setting) -> None:
    """UserError for what cannot be made, or is made as something else."""
    for section, spec, how, make in _makings(setting):
        code(section, spec.use, spec.options)  # Where it is not to be had, that says where.
        with placed(section, spec.use, how):
            make()


def _makings(setting: schema.Setting) -> Iterator[Making]:
    critic, generator, data = setting.critic, setting.generator, setting.data
    shape, options = f"made for samples of shape {[*packed.shape(data)]}", "made with its options"
    make: Callable[[], Network]
    if isinstance(critic, schema.PackCritic):
        make = partial(packed.critic, critic, data)
        yield Making("critics", critic, shape, partial(_network, about("critics", critic.use), make))
    if isinstance(generator, schema.PackGenerator):
        make = partial(packed.generator, generator, data)
        whole = partial(_network, about("generators", generator.use), make)
        yield Making("generators", generator, shape, whole)
    if isinstance(setting.loss, schema.PackLoss):
        yield Making("losses", setting.loss, options, partial(_loss, setting.loss))
    if isinstance(setting.constraint, schema.PackConstraint):
        bound = partial(constraint.of_pack, setting.constraint)
        yield Making("constraints", setting.constraint, options, bound)


def _network(name: str, make: Callable[[], Network]) -> None:
    """UserError for what is no network, and for a word that a perceptron does not know."""
    made = make()
    for key, legal in OF_PERCEPTRON.items() if type(made) is MLP else ():  # A subclass may know others.
        word = getattr(made, key)
        if word not in legal:
            raise UserError(
                f"{name}: an MLP knows no {key} {word!r}\n    {advice(str(word), legal, 'it knows')}"
            )


def _loss(spec: schema.PackLoss) -> None:
    """UserError where a loss lacks something."""
    made: object = losses.of_pack(spec)
    lacking = [name for name in OF_LOSS if not callable(getattr(made, name, None))]
    if lacking:
        raise UserError(
            f"{about('losses', spec.use)} is made as {type(made).__name__}, "
            f"which has no {', '.join(lacking)}\n"
            "    give it critic(real, fake), a loss a replica, and generator(fake), a part a sample"
        )


def try_packs(cohort: Cohort) -> None:
    """UserError for what has other shapes than it must, draws random numbers, or mixes replicas."""
    try_data(cohort.setting)  # First, since all else is tried on them.
    try_networks(cohort)
    _try_loss(cohort)
    try_constraint(cohort)


def _try_loss(cohort: Cohort) -> None:
    loss, batch = cohort.setting.loss, cohort.setting.batch_size
    if isinstance(loss, schema.PackLoss):
        with placed("losses", loss.use, f"tried with scores of shape {[2, batch]}"):
            losses.try_out(loss, batch, cohort.device)
