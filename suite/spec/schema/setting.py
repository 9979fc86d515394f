"""A setting: what one arm of an experiment is."""

from typing import Annotated, Literal

from msgspec import Meta

from suite.spec.schema.constraints import Constraint, Unconstrained
from suite.spec.schema.critics import Critic
from suite.spec.schema.data import Data
from suite.spec.schema.frozen import Frozen
from suite.spec.schema.generators import Generator
from suite.spec.schema.labels import Auxiliary
from suite.spec.schema.optimizers import Optimizer
from suite.spec.schema.packs import PackLoss
from suite.spec.schema.probes import Probes
from suite.spec.schema.words import Count, CountOrZero, LossName, NonNegative

Loss = LossName | PackLoss


class Setting(Frozen, kw_only=True):
    """All that decides how one run is trained and measured, but for its seed."""

    data: Data
    generator: Generator
    critic: Critic
    loss: Loss
    constraint: Constraint = Unconstrained()
    optimizer: Optimizer
    generator_optimizer: Optimizer | None = None
    """The critic's, where not given."""
    batch_size: Annotated[int, Meta(ge=2, le=10**6)]
    critic_steps: Count = 1
    warmup: CountOrZero = 0
    """Critic steps before the first iteration."""
    iterations: CountOrZero
    """Generator steps; with a fixed generator, rounds of ``critic_steps``."""
    freeze_at: Count | None = None
    """From this iteration on the generator stays as it is and a fresh critic is trained."""
    labels: Literal["own", "shuffled"] = "own"
    """Which labels training images have, where networks use them: theirs, or each another image's, a
    control. Generated images of a critic step are asked to be of the real batch's classes."""
    auxiliary: Auxiliary = Auxiliary()
    input_noise: NonNegative = 0.0
    """Standard deviation of normal noise that is added to whatever the critic is trained to look at."""
    probes: Probes = Probes()
