"""The sample files, and the errors that a changed sample gets."""

from pathlib import Path

import pytest

from suite.errors import UserError
from suite.spec.load import check_text

HERE = Path(__file__).parent
EXPERIMENTS = HERE / "experiments"
"""A folder with two experiments, one of which borrows from the other."""
SAMPLE = (HERE / "sample.yaml").read_text()
SAMPLES = {"sample": SAMPLE} | {
    name: (EXPERIMENTS / "wgan_gp" / f"{name}.yaml").read_text() for name in ("lender", "borrower")
}
"""By name, files that together use every part of the format."""


def check(text: str | bytes, name: str = "sample") -> None:
    """Check a text as if it stood where a sample belongs."""
    data = text.encode() if isinstance(text, str) else text
    check_text(data, f"{name}.yaml", f"wgan-gp/{name}", "gulrajani2017", EXPERIMENTS)


def errors(text: str | bytes, name: str = "sample") -> str:
    """The whole error text of a file with this content."""
    with pytest.raises(UserError) as caught:
        check(text, name)
    return str(caught.value)


def changed(old: str, new: str) -> str:
    """The sample with one place changed."""
    assert SAMPLE.count(old) == 1, old
    return SAMPLE.replace(old, new)
