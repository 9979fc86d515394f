"""Lines of text: the grammar against its exact probabilities, and the Billion Word files."""

import subprocess
import sys
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from suite.data import billion_word, catalogue, grammar, known, source, text
from suite.data.grammar import ALPHABET, NEXT, WORDS
from suite.errors import UserError
from suite.spec import schema
from suite.spec.sizes import dimension, is_text, kind, line_shape
from suite.store.version import ROOT
from tests.data.grams import probabilities
from tests.data.published import Place

GRAMMAR = schema.Grammar()
WORDY = schema.BillionWord(length=8, vocabulary=5)


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def written(codes: np.ndarray, alphabet: str = ALPHABET) -> list[str]:
    return ["".join(alphabet[code] for code in line) for line in codes]


# --- The grammar ----------------------------------------------------------------------


def test_shares_of_words_and_kinds_add_up() -> None:
    assert {kind: pytest.approx(1.0) for kind in WORDS} == {k: sum(of.values()) for k, of in WORDS.items()}
    assert {kind: pytest.approx(1.0) for kind in NEXT} == {k: sum(of.values()) for k, of in NEXT.items()}
    letters = {letter for of in WORDS.values() for word in of for letter in word} | {" "}
    assert "".join(sorted(letters)) == ALPHABET
    assert line_shape(GRAMMAR) == (12, len(ALPHABET))


def test_the_chain_starts_as_it_goes_on() -> None:
    made = grammar.chain()
    np.testing.assert_allclose(made.step.sum(1), 1.0)
    np.testing.assert_allclose(made.start @ made.step, made.start, atol=1e-12)
    assert made.start.min() > 0
    assert made.start.sum() == pytest.approx(1.0)


def test_single_letters_by_hand() -> None:
    """Of a round of article, adjective (0.3), noun and verb: its mean length, and how many blanks it has."""
    mean = {k: sum(len(word + " ") * share for word, share in of.items()) for k, of in WORDS.items()}
    round_ = mean["article"] + 0.3 * mean["adjective"] + mean["noun"] + mean["verb"]
    found = probabilities(1)
    assert found[ALPHABET.index(" "),] == pytest.approx(3.3 / round_)
    # n: in "hen" and "lion".
    assert found[ALPHABET.index("n"),] == pytest.approx((0.2 + 0.15) / round_)


@pytest.mark.parametrize("n", range(2, 7))
def test_n_grams_agree_with_shorter_ones(n: int) -> None:
    """Summed over the first or over the last character they are those of n - 1: the text is stationary."""
    longer, shorter = probabilities(n), probabilities(n - 1)
    for part in (slice(1, None), slice(None, -1)):
        sums: dict[tuple[int, ...], float] = {}
        for gram, share in longer.items():
            sums[gram[part]] = sums.get(gram[part], 0.0) + share
        assert sums.keys() == shorter.keys()
        assert all(sums[gram] == pytest.approx(share) for gram, share in shorter.items())


def test_whole_words_have_their_probabilities() -> None:
    """After "n " of a noun comes a verb: "hits " with 0.2."""
    found = probabilities(6)
    after = {gram: share for gram, share in found.items() if written(np.array([gram]))[0].startswith("n ")}
    hits = sum(share for gram, share in after.items() if written(np.array([gram]))[0] == "n hits")
    assert hits / sum(after.values()) == pytest.approx(0.2)


@pytest.mark.parametrize("place", [0, 5, 8])
def test_every_place_of_a_line_has_the_exact_n_grams(place: int) -> None:
    lines, exact = grammar.sample(rng(), 40_000, 12), probabilities(4)
    grams, counts = np.unique(lines[:, place : place + 4], axis=0, return_counts=True)
    seen = {tuple(map(int, gram)): count for gram, count in zip(grams, counts, strict=True)}
    assert seen.keys() <= exact.keys()
    worst = max(abs(seen.get(g, 0) - 40_000 * p) / (40_000 * p * (1 - p)) ** 0.5 for g, p in exact.items())
    assert worst < 5.5


def test_lines_read_as_sentences() -> None:
    pieces = [line.split(" ")[1:-1] for line in written(grammar.sample(rng(), 200, 40))]
    known_words = {word for of in WORDS.values() for word in of}
    assert {word for words in pieces for word in words} == known_words


# --- Lines as numbers -----------------------------------------------------------------


def test_a_line_is_rows_of_one_and_zeros_and_is_read_back() -> None:
    codes = grammar.sample(rng(), 7, 12)
    made = text.one_hot(GRAMMAR, codes)
    assert made.shape == (7, dimension(GRAMMAR))
    assert made.dtype == np.float32
    np.testing.assert_array_equal(made.reshape(7, 12, 13).sum(2), 1.0)
    np.testing.assert_array_equal(made.reshape(7, 12, 13)[2, 5], np.eye(13)[codes[2, 5]])
    np.testing.assert_array_equal(text.read(GRAMMAR, made), codes)
    np.testing.assert_array_equal(text.read(GRAMMAR, 0.4 * made[None] + 0.05), codes[None])


def test_samples_are_the_sources() -> None:
    np.testing.assert_array_equal(source.sample(GRAMMAR, rng(), 5), text.sample(GRAMMAR, rng(), 5))
    apart = source.held_out(GRAMMAR, 5, "this")
    np.testing.assert_array_equal(apart, source.held_out(GRAMMAR, 5, "this"))
    assert not np.array_equal(apart, source.held_out(GRAMMAR, 5, "that"))


def test_single_letters_are_as_frequent_and_independent() -> None:
    codes = text.read(GRAMMAR, text.unigrams(GRAMMAR, rng(), 20_000).astype(np.float64))
    shares = np.bincount(codes.ravel(), minlength=13) / codes.size
    exact = np.array([probabilities(1)[code,] for code in range(13)])
    np.testing.assert_allclose(shares, exact, atol=0.005)
    pairs = np.zeros((13, 13))
    np.add.at(pairs, (codes[:, 0], codes[:, 1]), 1 / len(codes))
    np.testing.assert_allclose(pairs, np.outer(exact, exact), atol=0.008)


# --- Billion Word ---------------------------------------------------------------------

SHARDS = [["The dog .", "A é dog !"], ["", "dog"], ["`` x ''", "a much longer sentence ."]]


def write_shards(place: Place, shards: Sequence[Sequence[str]] = SHARDS) -> Path:
    """Shards of sentences under the names of the benchmark, as many as the table then lists."""
    entry = known.BILLION_WORD._replace(parts=known.BILLION_WORD.parts[: len(shards)])
    place.replace(entry)
    folder = place.root / entry.folders[0]
    folder.mkdir(parents=True)
    for part, sentences in zip(entry.parts, shards, strict=True):
        (folder / part.name).write_text("".join(f"{each}\n" for each in sentences), encoding="utf-8")
    billion_word._loaded.cache_clear()
    return folder


def test_shards_have_the_benchmarks_names() -> None:
    names = [part.name for part in known.BILLION_WORD.parts]
    assert (len(names), names[0], names[-1]) == (99, "news.en-00001-of-00100", "news.en-00099-of-00100")


def test_sentences_are_cut_and_filled_up_and_the_last_are_held_out(place: Place) -> None:
    write_shards(place)
    found = billion_word.load(schema.BillionWord(length=8, vocabulary=50))
    assert written(found.train, found.alphabet) == ["The dog ", "A é dog ", "`" * 8, "dog`````", "`` x ''`"]
    assert written(found.held_out, found.alphabet) == ["a much l"]


def test_the_most_frequent_characters_are_kept(place: Place) -> None:
    write_shards(place, [["aaaa bbb", "cccc aax"], ["aaaabbbb", "aaaaaaaa"]])
    found = billion_word.load(schema.BillionWord(length=8, vocabulary=3))
    assert found.alphabet == "\N{REPLACEMENT CHARACTER}abc"
    assert written(found.train, found.alphabet)[1] == "cccc\ufffdaa\ufffd"


def test_of_equally_frequent_characters_the_lower_comes_first() -> None:
    lines = np.array([[ord(c) for c in "bbaacd"]], np.uint16)
    alphabet, codes = billion_word.coded(lines, 3)
    assert alphabet == "\ufffdabc"
    np.testing.assert_array_equal(codes, [[2, 2, 1, 1, 3, 0]])


def test_places_that_no_character_takes_are_unknown_too(place: Place) -> None:
    """A generator does not know that they are not taken."""
    write_shards(place, [["ab", "ba"]])
    data = schema.BillionWord(length=6, vocabulary=5)
    assert text.alphabet(data) == "\ufffd`ab\ufffd\ufffd"
    last = np.eye(6)[np.full(6, 5)].ravel()
    assert text.alphabet(data)[text.read(data, last)[0]] == "\ufffd"


def test_a_limit_reads_the_first_sentences_only(place: Place) -> None:
    folder = write_shards(place)
    (folder / known.BILLION_WORD.parts[2].name).write_bytes(b"\xff\xfe broken")
    found = billion_word.load(schema.BillionWord(length=8, limit=4))
    assert (len(found.train), len(found.held_out)) == (3, 1)


def test_samples_are_training_lines_and_held_out_ones_are_not(place: Place) -> None:
    write_shards(place, [[f"{a}{b}{c}" for a, b, c in product("abc", "def", "gh")]])
    data = schema.BillionWord(length=6)
    alphabet = text.alphabet(data)
    train, apart = billion_word.load(data).train, billion_word.load(data).held_out
    drawn = text.read(data, source.sample(data, rng(), 200))
    assert set(written(drawn, alphabet)) == set(written(train, alphabet))
    for count in (1, 50):
        held_out = text.read(data, source.held_out(data, count, "test"))
        assert set(written(held_out, alphabet)) == set(written(apart, alphabet))
    assert source.sample(data, rng(), 2).shape == (2, dimension(data)) == (2, 6 * 101)


def test_missing_shards_are_told_with_the_cure(place: Place) -> None:
    told = catalogue.missing(schema.BillionWord())
    assert "One Billion Word" in told
    assert "no news.en-00001-of-00100 (and 98 more)" in told
    assert str(place.root) in told
    assert "\n    unpack" in told
    billion_word._loaded.cache_clear()
    with pytest.raises(UserError) as error:
        billion_word.load(WORDY)
    assert str(error.value) == told


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"\xff\xfe broken\n", "cannot be read"), (b"x" * 1_000_001, "no shard of sentences")],
)
def test_a_damaged_shard_is_named(place: Place, content: bytes, message: str) -> None:
    folder = write_shards(place)
    (folder / known.BILLION_WORD.parts[1].name).write_bytes(content)
    with pytest.raises(UserError, match=message) as error:
        billion_word.load(WORDY)
    assert "news.en-00002-of-00100" in str(error.value)


def test_too_few_lines_are_told(place: Place) -> None:
    write_shards(place, [["one"]])
    with pytest.raises(UserError, match="too few lines"):
        billion_word.load(WORDY)


def test_kinds_are_text_and_nothing_heavy_is_imported_to_ask() -> None:
    assert [kind(each) for each in (GRAMMAR, WORDY) if is_text(each)] == ["grammar", "billion_word"]
    assert (dimension(GRAMMAR), dimension(WORDY)) == (12 * 13, 8 * 6)
    code = "import sys, suite.networks.text, suite.spec.sizes; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0
