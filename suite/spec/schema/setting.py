"""A setting: what one arm of an experiment is."""

from typing import Annotated, Literal

from msgspec import Meta

from suite.spec.schema.biggan import Averaging, Freeze, Orthogonal
from suite.spec.schema.constraints import Constraint, Unconstrained
from suite.spec.schema.critics import Critic
from suite.spec.schema.data import Data
from suite.spec.schema.frozen import Frozen
from suite.spec.schema.generators import Generator
from suite.spec.schema.labels import Auxiliary
from suite.spec.schema.optimizers import Optimizer
from suite.spec.schema.packs import PackLoss
from suite.spec.schema.probes import Probes
from suite.spec.schema.words import Count, CountOrZero, LossName, NonNegative, Precision


class Setting(Frozen, kw_only=True):
    """All that decides how one run is trained and measured, but for its seed."""

    data: Data
    """What is to be learned."""
    generator: Generator
    """What makes fake data, trained or fixed."""
    critic: Critic
    """The critic, or discriminator."""
    loss: LossName | PackLoss
    """The pair of losses."""
    constraint: Constraint = Unconstrained()
    """What keeps the critic Lipschitz."""
    optimizer: Optimizer
    """The critic's."""
    generator_optimizer: Optimizer | None = None
    """The critic's, where not given."""
    batch_size: Annotated[int, Meta(ge=2, le=10**6)]
    """Real samples of a critic step, and as many fakes."""
    critic_steps: Count = 1
    """Critic steps to each generator step."""
    warmup: CountOrZero = 0
    """Critic steps before the first iteration."""
    iterations: CountOrZero
    """Generator steps; with a fixed generator, rounds of ``critic_steps``."""
    freeze_at: Count | None = None
    """From this iteration on the generator stays as it is and a fresh critic is trained."""
    freeze: Freeze | None = None
    """Which of the two networks stays as it is from an iteration on, the other going on as it was."""
    labels: Literal["own", "shuffled"] = "own"
    """Which labels training images have, where networks use them: theirs, or each another image's, a
    control. Generated images of a critic step are asked to be of the real batch's classes."""
    auxiliary: Auxiliary = Auxiliary()
    """Of an auxiliary critic output, its weights in the losses."""
    input_noise: NonNegative = 0.0
    """Standard deviation of normal noise that is added to whatever the critic is trained to look at."""
    precision: Precision = "float32"
    """Of matrix products and convolutions in training: tf32, which only GPUs have, rounds their factors to 10
    binary digits, bfloat16 to 7, and stores activations so. All else is float32."""
    accumulate: Count = 1
    """Equal parts of each batch that go through the networks one after the other, where a whole one does not
    fit; what moves is the mean of their gradients. Batch normalisation is over each part."""
    average: Averaging | None = None
    """What generated images are looked at in training's place; the generator itself where not given."""
    standing: CountOrZero = 0
    """Batches of noise over which the generator's batch normalisations take the mean and the variance that
    they use in images that are looked at; with 0 those images are a batch of their own."""
    orthogonal: Orthogonal | None = None
    """Orthogonal regularisation of the generator."""
    probes: Probes = Probes()
    """What is measured while training."""
