"""The words and numbers a file's values are made of: what is legal for each, and what it is called."""

from typing import Annotated, Literal

from msgspec import Meta

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
        pattern=r"^([a-z0-9-]+/)?[a-z_][a-z0-9_]*\.[a-z0-9_]+$",
        description="probe.quantity, for example gradient_norms.slope",
    ),
]

FactorValue = float | str

Scale = Literal["smoke", "desk", "gpu", "paper"]
Activation = Literal["relu", "leaky_relu", "tanh", "softplus", "elu"]
Normalization = Literal["none", "batch", "layer"]
ImageActivation = Literal["relu", "leaky_relu", "tanh", "gated", "softplus"]
"""``gated`` is sigmoid(a) * tanh(b) of twice as many filters (WGAN-GP's Figure 2); ``softplus`` is
softplus(2a + 2) / 2 - 1 (its Table 1)."""
Precision = Literal["float32", "tf32", "bfloat16"]
LossName = Literal["minimax", "non_saturating", "least_squares", "wasserstein", "hinge"]
"""What the two networks minimise. ``minimax`` is log(1 - D) for the generator, ``non_saturating`` -log D,
``least_squares`` LSGAN's, ``wasserstein`` the difference of the critic's mean outputs, ``hinge`` SAGAN's.
"""
