"""What every mapping of the format is: immutable, and strict about its keys."""

from typing import dataclass_transform

from msgspec import Struct, field


# Type checkers do not see that msgspec's frozen is inherited unless told.
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Frozen(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Base of every mapping: immutable, and unknown keys are errors."""


class Kind(Frozen, tag_field="kind"):
    """Base of every mapping whose ``kind`` selects what its other keys are."""
