"""The vocabulary of an experiment file, as frozen values.

Every class below is one mapping of the YAML format. Field names are the keys a
file may use, defaults are what a missing key means, and the JSON Schema that
editors read is generated from here. Nothing in this module computes anything.

Defaults are part of a run's identity only by their absence (see
``suite.spec.identity``), so a default may never be changed: add a field.
"""

from typing import Annotated, Literal, dataclass_transform

from msgspec import UNSET, Meta, Struct, UnsetType, field

Positive = Annotated[float, Meta(gt=0)]
NonNegative = Annotated[float, Meta(ge=0)]
Fraction = Annotated[float, Meta(ge=0, lt=1)]
Count = Annotated[int, Meta(ge=1, le=10**9)]
CountOrZero = Annotated[int, Meta(ge=0, le=10**9)]
Name = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9 _.,=+-]*$",
        max_length=60,
        description="a name of at most 60 letters, digits, blanks and _.,=+-, the first a letter or digit",
    ),
]
Key = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9_]*$",
        max_length=40,
        description="a name of at most 40 lower-case letters, digits and _, the first a letter",
    ),
]
Slug = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)?$",
        max_length=80,
        description="folder/name in lower-case letters, digits and single hyphens, at most 80 characters",
    ),
]
SettingPath = Annotated[
    str,
    Meta(
        pattern=r"^[a-z_]+(\.[a-z_]+)*$",
        max_length=80,
        description="the dotted path of a setting, for example data.theta",
    ),
]
SeriesName = Annotated[
    str,
    Meta(
        pattern=r"^[a-z_]+\.[a-z0-9_]+$",
        description="probe.quantity, for example gradient_norms.slope",
    ),
]

Scale = Literal["smoke", "desk", "gpu", "paper"]
Activation = Literal["relu", "leaky_relu", "tanh", "softplus", "elu"]
Normalization = Literal["none", "batch", "layer"]
LossName = Literal["minimax", "non_saturating", "least_squares", "wasserstein"]


# Type checkers do not see that msgspec's frozen is inherited unless told.
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Frozen(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Base of every mapping: immutable, and unknown keys are errors."""


class Kind(Frozen, tag_field="kind"):
    """Base of every mapping whose ``kind`` selects what its other keys are."""


# --- Data -----------------------------------------------------------------------------


class SwissRoll(Kind, tag="swiss_roll"):
    """scikit-learn's Swiss roll, dimensions 0 and 2, divided by 7.5 (gan_toy.py)."""

    noise: NonNegative = 0.25


class EightGaussians(Kind, tag="eight_gaussians"):
    """Eight modes on a circle of radius 2, all divided by 1.414 (gan_toy.py)."""

    deviation: Positive = 0.02


class TwentyFiveGaussians(Kind, tag="twenty_five_gaussians"):
    """A 5 x 5 grid of spacing 2, all divided by 2.828 (gan_toy.py)."""

    deviation: Positive = 0.05


class TwoGaussians(Kind, tag="two_gaussians"):
    """Real data N(-mean, deviation^2), counterpart N(+mean, deviation^2), in one dimension."""

    mean: Positive = 2.0
    deviation: Positive = 0.5


class ParallelLines(Kind, tag="parallel_lines"):
    """WGAN's Example 1: real data uniform on {0} x [0, 1], counterpart on {theta} x [0, 1]."""

    theta: float = 1.0


Data = SwissRoll | EightGaussians | TwentyFiveGaussians | TwoGaussians | ParallelLines


# --- Networks -------------------------------------------------------------------------


class DefaultInit(Kind, tag="default"):
    """PyTorch's nn.Linear: weights and biases uniform in +-1/sqrt(inputs)."""


class HeInit(Kind, tag="he"):
    """Weights uniform in +-sqrt(6/inputs), biases zero."""


class UniformInit(Kind, tag="uniform"):
    """Weights and biases uniform in +-bound: an initialisation inside a clip range."""

    bound: Positive


class NormalInit(Kind, tag="normal"):
    """Weights N(0, deviation^2), biases zero."""

    deviation: Positive = 0.02


class SignInit(Kind, tag="signs"):
    """Every weight +bound or -bound at random, biases zero: a fully clipped layer."""

    bound: Positive


Initialization = DefaultInit | HeInit | UniformInit | NormalInit | SignInit


class Critic(Kind, tag="mlp"):
    """A multilayer perceptron with one output, the critic or discriminator."""

    layers: Count
    """Number of linear layers, the output layer included."""
    width: Count
    activation: Activation = "relu"
    normalization: Normalization = "none"
    initialization: Initialization = DefaultInit()


class MLPGenerator(Kind, tag="mlp"):
    """A multilayer perceptron from N(0, I) noise to data."""

    layers: Count
    width: Count
    latent: Count = 2
    activation: Activation = "relu"
    normalization: Normalization = "none"
    initialization: Initialization = DefaultInit()


class NoisyData(Kind, tag="noisy_data"):
    """Fixed: the real batch plus N(0, deviation^2), as for the value surfaces of WGAN-GP."""

    deviation: Positive = 1.0


class Counterpart(Kind, tag="counterpart"):
    """Fixed: the second distribution of a data set that has two."""


class Resampled(Kind, tag="resampled"):
    """Fixed: fresh real data. The positive control of every measure of quality."""


class Point(Kind, tag="point"):
    """Fixed: one point of the data, repeated. The control that must be called collapse."""


class Shift(Kind, tag="shift"):
    """One trained parameter theta: (theta, u) with u uniform, the generator of WGAN's Example 1."""

    start: float = 1.0


Generator = MLPGenerator | NoisyData | Counterpart | Resampled | Point | Shift


# --- Objectives and optimisers --------------------------------------------------------


class Unconstrained(Kind, tag="none"):
    """No Lipschitz constraint."""


class Clip(Kind, tag="clip"):
    """Every critic parameter clamped to [-bound, bound] after each critic step (Algorithm 1)."""

    bound: Positive


class GradientPenalty(Kind, tag="gradient_penalty"):
    """weight * mean (|grad D(x)| - 1)^2 on interpolates; one-sided counts norms above 1 only."""

    weight: NonNegative = 10.0
    sided: Literal["two", "one"] = "two"


Constraint = Unconstrained | Clip | GradientPenalty


class RMSProp(Kind, tag="rmsprop"):
    """PyTorch's RMSProp: second moment from zero, no bias correction, eps outside the root."""

    lr: Positive
    alpha: Fraction = 0.99
    eps: Positive = 1e-8


class Adam(Kind, tag="adam"):
    """Adam with bias correction."""

    lr: Positive
    betas: tuple[Fraction, Fraction] = (0.9, 0.999)
    eps: Positive = 1e-8


class SGD(Kind, tag="sgd"):
    """Stochastic gradient descent, with PyTorch's momentum."""

    lr: Positive
    momentum: Fraction = 0.0


Optimizer = RMSProp | Adam | SGD


# --- Probes: what is measured while training -------------------------------------------


class GradientNorms(Frozen):
    """Norm of the critic loss's gradient with respect to each hidden activation, in float64."""

    points: CountOrZero = 20
    samples: Count = 256


class WeightHistogram(Frozen):
    """Histogram of hidden weights, and their share at the ends of their range."""

    points: CountOrZero = 20
    bins: Count = 81
    edge: Fraction = 0.05


class Surface(Frozen):
    """The critic on a square grid (or a line, for one-dimensional data), and its linear pieces."""

    points: CountOrZero = 0
    grid: Annotated[int, Meta(ge=2, le=1024)] = 81
    extent: Positive = 2.0


class Potential(Frozen):
    """R^2 of the critic against the exact Kantorovich potential, by optimal transport."""

    points: CountOrZero = 0
    samples: Count = 1000


class Interpolates(Frozen):
    """Norm and direction of the critic's gradient on held-out interpolates (Proposition 1)."""

    points: CountOrZero = 10
    samples: Count = 512


class FakeGradients(Frozen):
    """Gradient of the generator's loss with respect to fake samples: size and saturation."""

    points: CountOrZero = 10
    samples: Count = 512


class StepCosine(Frozen):
    """Cosine between the critic's step and the descent direction of the same batch, each iteration."""


class CrossGradient(Frozen):
    """Largest derivative of one sample's output with respect to another sample of its batch."""

    points: CountOrZero = 1
    samples: Count = 16


class Quality(Frozen):
    """Exact W1 to held-out data, and modes covered, dropped and collapsed where there are modes."""

    points: CountOrZero = 10
    samples: Count = 500
    mode_samples: Count = 10_000
    """How many samples the modes are counted on."""


class Divergences(Frozen):
    """Critic's and discriminator's estimates on held-out samples beside exact KL, JS and W1."""

    points: CountOrZero = 10
    samples: Count = 1000


class Probes(Frozen):
    """What is measured, by name. ``points`` is how many evenly spaced iterations after the
    start are measured besides the start itself; 0 measures the finished run only.
    """

    gradient_norms: GradientNorms | None = None
    weight_histogram: WeightHistogram | None = None
    surface: Surface | None = None
    potential: Potential | None = None
    interpolates: Interpolates | None = None
    fake_gradients: FakeGradients | None = None
    step_cosine: StepCosine | None = None
    cross_gradient: CrossGradient | None = None
    quality: Quality | None = None
    divergences: Divergences | None = None


class Setting(Frozen, kw_only=True):
    """All that decides how one run is trained and measured, but for its seed."""

    data: Data
    generator: Generator
    critic: Critic
    loss: LossName
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
    probes: Probes = Probes()


# --- Metrics: one number of a finished run ---------------------------------------------


class Metric(Frozen):
    """A number of a finished run: a probe's series, reduced over the iterations."""

    series: SeriesName
    """``probe.quantity``, for example ``gradient_norms.slope``."""
    reduce: Literal[
        "first",
        "last",
        "mean",
        "minimum",
        "maximum",
        "change",
        "rank_correlation",
        "time_to_90",
        "share_negative",
        "excursion",
    ] = "last"
    """``change`` is last minus first; ``rank_correlation`` is Spearman's with the iteration, or
    with the series named in ``against``; ``time_to_90`` is the first iteration at 90 % of the way
    from the first value to the last; ``excursion`` is the largest distance from the median in
    units of the median absolute deviation."""
    window: Count = 1
    """How many of the last probe points ``last`` and ``change`` average."""
    transform: Literal["none", "log10"] = "none"
    against: SeriesName | None = None
    unit: str = ""
    says: str = ""
    """What the number means, in a few words: axis labels and the page use it."""


# --- Claims ---------------------------------------------------------------------------

FactorValue = float | str


class Control(Frozen):
    """The claim's own test on a case whose outcome is known beforehand."""

    expect: Literal["holds", "fails"]
    """``fails``: a null control, which must not pass. ``holds``: a positive control, which must."""
    metric: Key | UnsetType = UNSET
    arm: Name | UnsetType = UNSET
    versus: Name | UnsetType = UNSET
    where: dict[str, FactorValue] | UnsetType = UNSET
    says: str = ""


class Claim(Frozen, kw_only=True):
    """One sentence of a paper, and the rule, fixed before anything runs, that decides it.

    The criterion hash covers every field but the prose (``says``, ``source``, ``paper_value``,
    ``note``).
    """

    says: str
    kind: Literal["ordering", "threshold", "trend", "rate", "equivalence", "identity"]
    metric: Key
    better: Literal["higher", "lower"] | None = None
    """Which direction the claim asserts; every kind but equivalence and identity needs it."""
    arm: Name
    versus: Name | None = None
    """The arm compared with: an ordering needs it, an equivalence may have it."""
    where: dict[str, FactorValue] = {}
    """The factor levels of the runs that count, where the experiment has factors."""
    over: Key | None = None
    """The factor along which a trend's per-seed statistic is taken."""
    statistic: Literal["rank_correlation", "slope", "log_slope", "log_log_slope", "ratio", "variation"] = (
        "rank_correlation"
    )
    """Of a trend, per seed: Spearman's correlation, least-squares slopes (``log_slope``: of the
    metric against log10 of the factor; ``log_log_slope``: both log10), last over first level,
    or the coefficient of variation."""
    margin: float = 0.0
    """The smallest effect that still counts: a difference, a level, a rate, or the half-width
    of the band of an equivalence or the tolerance of an identity."""
    target: float = 0.0
    """The centre of an equivalence's band; the value of an identity."""
    cut: float | None = None
    """Of a rate: a seed succeeds where its metric is beyond this value, on the ``success`` side."""
    success: Literal["above", "below"] = "above"
    looks: tuple[Count, ...] = (6, 12)
    """Seeds per arm at each look."""
    controls: dict[str, Control] = {}
    source: str = ""
    paper_value: str = ""
    note: str = ""


# --- Figures --------------------------------------------------------------------------


class Figure(Frozen, kw_only=True):
    """A drawing of an experiment's records."""

    kind: Literal["layers", "histograms", "contours", "profiles", "over", "curves", "seeds", "samples"]
    """``layers``: a series by layer; ``histograms``: of weights; ``contours``: critic surfaces;
    ``profiles``: critics in one dimension; ``over``: a metric against a factor; ``curves``: a
    series against the iteration; ``seeds``: a metric by arm, every seed; ``samples``: points."""
    title: str
    y: str | None = None
    """The metric (``over``, ``seeds``) or the series (``curves``, ``layers``) drawn."""
    also: tuple[Key, ...] = ()
    """Of ``over``: further metrics of the first arm, drawn as broken lines beside ``y``, for example
    what is exact beside what was learned."""
    x: Key | None = None
    """The factor along the axis (``over``) or across the panels (``contours``)."""
    arms: tuple[Name, ...] = ()
    """The arms drawn, all where empty."""
    where: dict[str, FactorValue] = {}
    x_label: str = ""
    y_label: str = ""
    x_scale: Literal["linear", "log", "symlog"] = "linear"
    y_scale: Literal["linear", "log", "symlog"] = "linear"
    reference: dict[str, float] = {}
    """Horizontal lines, by label: an exact value, a floor."""


# --- Files ----------------------------------------------------------------------------


class Factor(Frozen):
    """A setting that is crossed with every arm."""

    at: SettingPath
    """The dotted path of the setting, for example ``data.theta``."""
    values: Annotated[tuple[FactorValue, ...], Meta(min_length=1)]
    label: str = ""
    """The factor's axis label."""


class Paper(Frozen):
    """``paper.yaml`` of a folder: what its experiments reproduce."""

    id: Key
    title: str
    authors: str
    year: int
    venue: str
    url: str
    bibtex: str
    notes: str = ""


class Experiment(Frozen, kw_only=True):
    """One resolved experiment: its file at one scale, with the overrides applied."""

    id: Slug
    title: str
    paper: Key
    figure: str = ""
    tags: tuple[Key, ...] = ()
    notes: str = ""
    arms: dict[Name, Setting]
    """Each arm's whole setting: the base with the arm's own keys merged in."""
    factors: dict[Key, Factor] = {}
    metrics: dict[Key, Metric]
    claims: dict[Key, Claim]
    figures: dict[Key, Figure] = {}
