"""No content whatever makes the checker fail otherwise than by a UserError."""

import random
import re

import pytest
from spec_sample import SAMPLES, changed, check

from suite.errors import UserError
from tests.fuzz.mutate import of_bytes, of_lines

MUTANTS = 4_000


def mutant(text: str, seed: int) -> bytes:
    rng = random.Random(seed)
    data = of_lines(text.encode(), rng)
    return of_bytes(data, rng) if rng.random() < 0.1 else data


def outcome(data: bytes, name: str) -> str:
    """The error text of a file with this content, empty where it is valid."""
    try:
        check(data, name)
    except UserError as error:
        return str(error) or "an error that tells nothing"
    return ""


@pytest.mark.parametrize("name", SAMPLES)
def test_mutants_are_valid_or_the_users_errors(name: str) -> None:
    outcomes = [outcome(mutant(SAMPLES[name], seed), name) for seed in range(MUTANTS)]
    rejected = [text for text in outcomes if text]
    assert MUTANTS // 2 < len(rejected) < MUTANTS
    assert [
        text for text in rejected if not re.match(r"(.*/lender|sample|lender|borrower)\.yaml:", text)
    ] == []
    assert [text for text in rejected if "not a valid experiment" in text] == []


MANY_FACTORS = "".join(f"\n  f{number}: {{at: warmup, values: [1]}}" for number in range(2000))


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 500_000,
        b"{a: " * 200_000,
        b"- " * 400_000,
        b"? " * 400_000,
        b"a: &a [x]\nb: [*a, *a]\n",
        b"\xff\xfe\x00",
        b"x" * 1_000_001,
        b"a: '" + b"x" * 900_000,
        b"k: v\n" * 100_000,
        "a: \ud800".encode("utf-16", "surrogatepass"),
        changed("at: data.theta", "at: data" + ".a" * 5000).encode(),
        changed("\nfactors:", "\nfactors:" + MANY_FACTORS).encode(),
        b"",
    ],
    ids=lambda data: repr(data[:8]),
)
def test_hostile_content_is_the_users_error(data: bytes) -> None:
    with pytest.raises(UserError):
        check(data)
