"""The sample file, and the errors that a changed sample gets."""

from pathlib import Path

import pytest

from suite.errors import UserError
from suite.spec.load import check_text

EXPERIMENTS = Path(__file__).parents[2] / "experiments"
SAMPLE = (Path(__file__).parent / "sample.yaml").read_text()


def check(text: str | bytes) -> None:
    """Check a text as if it stood where the sample belongs."""
    data = text.encode() if isinstance(text, str) else text
    check_text(data, "sample.yaml", "wgan-gp/sample", "gulrajani2017", EXPERIMENTS)


def errors(text: str | bytes) -> str:
    """The whole error text of a file with this content."""
    with pytest.raises(UserError) as caught:
        check(text)
    return str(caught.value)


def changed(old: str, new: str) -> str:
    """The sample with one place changed."""
    assert SAMPLE.count(old) == 1, old
    return SAMPLE.replace(old, new)
