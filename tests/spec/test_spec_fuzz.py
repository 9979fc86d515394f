"""No content whatever makes the checker fail otherwise than by a UserError."""

import random
import re
from collections.abc import Callable

import pytest
from spec_sample import SAMPLES, changed, check

from suite.errors import UserError

MUTANTS = 4_000
# fmt: off
ODD = (
    "null", "~", "''", "[]", "{}", "[[]]", "{a: b}", "-", "?", ":", "- - -", "!!int 3", "&a x", "*a",
    "1e999", "-1", "0", "0x7f", "0o17", "1_000", ".nan", "-.inf", "9" * 40, "yes", "true", "5e-5",
    "'", '"', "|", ">", "%YAML 1.1", "---", "...", "\t", "\x00", "\ufeff", "\u2028", "\U0001f600",
    "kind", "mlp", "data.theta", "losses.critic", "a" * 200, "[" * 60, "{a: " * 60, "- " * 60,
)
# fmt: on


def drop_line(lines: list[str], rng: random.Random) -> None:
    del lines[rng.randrange(len(lines))]


def double_line(lines: list[str], rng: random.Random) -> None:
    lines.insert(rng.randrange(len(lines)), rng.choice(lines))


def swap_lines(lines: list[str], rng: random.Random) -> None:
    first, second = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]


def indent_line(lines: list[str], rng: random.Random) -> None:
    number = rng.randrange(len(lines))
    lines[number] = rng.choice(["  ", "\t", "        ", "- "]) + lines[number]


def replace_word(lines: list[str], rng: random.Random) -> None:
    number = rng.randrange(len(lines))
    words = lines[number].split(" ")
    words[rng.randrange(len(words))] = rng.choice(ODD)
    lines[number] = " ".join(words)


def replace_value(lines: list[str], rng: random.Random) -> None:
    number = rng.randrange(len(lines))
    key = lines[number].partition(":")[0]
    lines[number] = f"{key}: {rng.choice(ODD)}"


def change_letter(lines: list[str], rng: random.Random) -> None:
    number = rng.randrange(len(lines))
    at = rng.randrange(len(lines[number]) + 1)
    letter = chr(rng.choice([rng.randrange(128), rng.randrange(0x3000)]))
    lines[number] = lines[number][:at] + letter + lines[number][at + rng.randrange(2) :]


def any_bytes(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + rng.randbytes(rng.randrange(1, 4)) + data[at + rng.randrange(4) :]


MUTATIONS: tuple[Callable[[list[str], random.Random], None], ...] = (
    drop_line,
    double_line,
    swap_lines,
    indent_line,
    replace_word,
    replace_value,
    change_letter,
)


def mutant(text: str, seed: int) -> bytes:
    rng = random.Random(seed)
    lines = text.splitlines()
    for _ in range(rng.choice([1, 1, 2, 5])):
        rng.choice(MUTATIONS)(lines, rng)
    data = "\n".join(lines).encode()
    return any_bytes(data, rng) if rng.random() < 0.1 else data


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
