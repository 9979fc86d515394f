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
ImageActivation = Literal["relu", "leaky_relu", "tanh", "gated"]
"""``gated`` is sigmoid(a) * tanh(b) of twice as many filters (WGAN-GP's Figure 2)."""
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


class Images(Kind):
    """Base of the image data sets: pixels in [-1, 1], held-out images apart from the training set."""

    limit: Count | None = None
    """Train on this many images, a subset that is the same for every run; all where not given."""
    dequantize: bool = False
    """Add uniform noise of one grey level to each training image (gan_cifar_resnet.py)."""


class Digits(Images, tag="digits"):
    """scikit-learn's 1,797 grey 8 x 8 digits, enlarged to 16 x 16. They come with the package."""


class MNIST(Images, tag="mnist"):
    """Grey 28 x 28 digits, padded to 32 x 32."""


class FashionMNIST(Images, tag="fashion_mnist"):
    """Grey 28 x 28 pictures of clothes, padded to 32 x 32."""


class CIFAR10(Images, tag="cifar10"):
    """Colour 32 x 32 pictures of ten classes."""


class LSUNBedrooms(Images, tag="lsun_bedrooms"):
    """Colour pictures of bedrooms, their centre square resized to 64 x 64."""


class CelebA(Images, tag="celeba"):
    """Colour faces, their centre square resized to 64 x 64."""


class ImageNet32(Images, tag="imagenet32"):
    """ImageNet's downsampled 32 x 32 version."""


ToyData = SwissRoll | EightGaussians | TwentyFiveGaussians | TwoGaussians | ParallelLines
ImageData = Digits | MNIST | FashionMNIST | CIFAR10 | LSUNBedrooms | CelebA | ImageNet32
Data = ToyData | ImageData


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


class DCGANInit(Kind, tag="dcgan"):
    """DCGAN's: weights N(0, 0.02^2), gains N(1, 0.02^2), biases and shifts zero (WGAN's code)."""


class TFLibInit(Kind, tag="tflib"):
    """WGAN-GP's code: weights uniform with variance 4/(inputs + outputs), counted with the kernel
    and the stride, in convolutions and 2/(inputs + outputs) in linear layers; biases zero.
    """


Initialization = DefaultInit | HeInit | UniformInit | NormalInit | SignInit | DCGANInit | TFLibInit


class MLPCritic(Kind, tag="mlp"):
    """A multilayer perceptron with one output, the critic or discriminator."""

    layers: Count
    """Number of linear layers, the output layer included."""
    width: Count
    activation: Activation = "relu"
    normalization: Normalization = "none"
    initialization: Initialization = DefaultInit()


class DCGANCritic(Kind, tag="dcgan"):
    """DCGAN's: convolutions of stride 2 down to 4 x 4, filters doubling from ``width``, then one
    linear output. No normalisation in the first level.
    """

    width: Count
    kernel: Literal[4, 5] = 4
    """4 is WGAN's code, 5 WGAN-GP's."""
    bias: bool = False
    """Of convolutions: without in WGAN's code, with in WGAN-GP's."""
    activation: ImageActivation = "leaky_relu"
    normalization: Normalization = "batch"
    initialization: Initialization = DefaultInit()


class ResNetCritic(Kind, tag="resnet"):
    """WGAN-GP's critic for CIFAR-10 (Appendix F): four residual blocks, the mean over the picture,
    one linear output; with ``classes``, a second linear output for the labels.
    """

    width: Count = 128
    normalization: Normalization = "none"
    initialization: Initialization = TFLibInit()


class DeepResNetCritic(Kind, tag="deep_resnet"):
    """WGAN-GP's 101-layer critic (Figure 2, last row): bottleneck blocks, each scaled by 0.3."""

    width: Count = 64
    blocks: Count = 33
    """Bottleneck blocks of three convolutions each: with input and output layer 3 * 33 + 2 = 101."""
    normalization: Normalization = "layer"
    initialization: Initialization = TFLibInit()


ConvCritic = DCGANCritic | ResNetCritic | DeepResNetCritic
Critic = MLPCritic | ConvCritic


class MLPGenerator(Kind, tag="mlp"):
    """A multilayer perceptron from N(0, I) noise to data."""

    layers: Count
    width: Count
    latent: Count = 2
    activation: Activation = "relu"
    normalization: Normalization = "none"
    initialization: Initialization = DefaultInit()
    output: Literal["linear", "tanh"] = "linear"
    """For images: linear in WGAN's code, tanh in WGAN-GP's."""


class DCGANGenerator(Kind, tag="dcgan"):
    """DCGAN's: noise to 4 x 4, transposed convolutions of stride 2, filters halving to ``width``
    at the last hidden level, tanh.
    """

    width: Count
    latent: Count = 100
    kernel: Literal[4, 5] = 4
    """4 is WGAN's code, 5 WGAN-GP's."""
    bias: bool = False
    """Of convolutions: without in WGAN's code, with in WGAN-GP's."""
    constant: bool = False
    """``width`` filters at every level (WGAN's Figure 6) instead of a doubling toward the noise."""
    activation: ImageActivation = "relu"
    normalization: Normalization = "batch"
    initialization: Initialization = DefaultInit()


class ResNetGenerator(Kind, tag="resnet"):
    """WGAN-GP's generator for CIFAR-10 (Appendix F): residual blocks, each doubling the size."""

    width: Count = 128
    latent: Count = 128
    normalization: Normalization = "batch"
    initialization: Initialization = TFLibInit()


class DeepResNetGenerator(Kind, tag="deep_resnet"):
    """WGAN-GP's 101-layer generator (Figure 2, last row)."""

    width: Count = 64
    latent: Count = 128
    blocks: Count = 33
    normalization: Normalization = "batch"
    initialization: Initialization = TFLibInit()


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


class Disturbed(Kind, tag="disturbed"):
    """Fixed: fresh real images with a disturbance. The control that a distance must grow with."""

    how: Literal["noise", "blur", "salt_and_pepper", "occlusion"] = "noise"
    level: Annotated[float, Meta(ge=0, le=1)] = 0.0
    """0 leaves an image as it is, 1 leaves nothing of it: the share of noise mixed in, of the
    picture the blur's deviation and the covered area, of the pixels those replaced."""


class OneEach(Kind, tag="one_each"):
    """Fixed: one held-out image of each class, repeated. The control that must fool a score of
    sharp and even labels.
    """


ConvGenerator = DCGANGenerator | ResNetGenerator | DeepResNetGenerator
Network = MLPGenerator | ConvGenerator
Fixed = NoisyData | Counterpart | Resampled | Point | Disturbed | OneEach
Generator = Network | Fixed | Shift


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
    loss: LossName | None = None
    """Whose gradient is looked at, where it is not the loss that trains the generator."""


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


class ImageQuality(Frozen):
    """Generated against held-out images, in the features and labels of a classifier that the suite
    trains on the same data.
    """

    points: CountOrZero = 10
    samples: Count = 500


class Inception(Frozen):
    """FID, IS and KID with the original Inception weights, on machines that have them."""

    points: CountOrZero = 0
    samples: Count = 50_000
    splits: Count = 10
    """Of the Inception score: the mean over this many parts."""


class Sheet(Frozen):
    """Pictures of a fixed batch of noise."""

    points: CountOrZero = 10
    samples: Count = 32


class Validation(Frozen):
    """The critic's loss on training and on held-out data, with the same fakes."""

    points: CountOrZero = 20
    samples: Count = 500


class Discrimination(Frozen):
    """How well the sign of the critic's output tells training from generated data."""

    points: CountOrZero = 50
    samples: Count = 500


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
    image_quality: ImageQuality | None = None
    inception: Inception | None = None
    sheet: Sheet | None = None
    validation: Validation | None = None
    discrimination: Discrimination | None = None


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
    freeze_at: Count | None = None
    """From this iteration on the generator stays as it is and a fresh critic is trained."""
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
        "slope",
        "deviation",
        "ratio",
        "setback",
        "time_to",
    ] = "last"
    """``change`` is last minus first, ``ratio`` last over first, and ``setback`` last over smallest;
    ``rank_correlation`` is Spearman's with the iteration, or with the series named in ``against``;
    ``time_to_90`` is the first iteration at 90 % of the way from the first value to the last;
    ``excursion`` is the largest distance from the median in units of the median absolute deviation;
    ``slope`` (per 1,000 iterations, least squares) and ``deviation`` (standard) are of the last
    ``window`` points; ``time_to`` is the first iteration, counted from ``after``, at ``level`` or
    above, infinite where there is none."""
    window: Count = 1
    """How many of the last probe points ``last``, ``change``, ``ratio``, ``setback``, ``slope`` and
    ``deviation`` use."""
    after: CountOrZero = 0
    """Only what was measured at this iteration or later counts."""
    level: float | None = None
    """Of ``time_to``: the value to be reached."""
    differences: bool = False
    """Of ``rank_correlation``: between changes from one probe point to the next, not values, so that
    two series that merely both fall are not taken for related."""
    transform: Literal["none", "log10"] = "none"
    against: SeriesName | None = None
    """Of ``rank_correlation``: the other series; the iteration where not given."""
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
    decided_from: Literal["desk", "gpu", "paper"] = "desk"
    """The smallest scale that can decide: at a smaller one the claim stays inconclusive, whatever
    its interval, because the setting there is known not to have what the claim is about."""
    controls: dict[str, Control] = {}
    source: str = ""
    paper_value: str = ""
    note: str = ""


# --- Figures --------------------------------------------------------------------------


class Figure(Frozen, kw_only=True):
    """A drawing of an experiment's records."""

    kind: Literal[
        "layers", "histograms", "contours", "profiles", "over", "curves", "seeds", "samples", "sheets"
    ]
    """``layers``: a series by layer; ``histograms``: of weights; ``contours``: critic surfaces;
    ``profiles``: critics in one dimension; ``over``: a metric against a factor; ``curves``: a
    series against the iteration; ``seeds``: a metric by arm, every seed; ``samples``: points;
    ``sheets``: generated images, with the metric ``y`` beside each."""
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
    against: Literal["iteration", "seconds"] = "iteration"
    """Of ``curves``: what the horizontal axis counts; seconds are a run's share of its batch's time."""
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


class Borrowed(Frozen):
    """An arm of another experiment: its setting and its runs, trained once for both."""

    experiment: Slug
    arm: Name


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
    borrowed: dict[Name, Borrowed] = {}
    """Arms that are another experiment's, by the name they have here."""
    factors: dict[Key, Factor] = {}
    metrics: dict[Key, Metric]
    claims: dict[Key, Claim]
    figures: dict[Key, Figure] = {}
