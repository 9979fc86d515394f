"""Bad inputs made of good ones: of their bytes, of their lines and of their structure."""

import random
from collections.abc import Callable
from typing import Any

# fmt: off
TEXTS = (
    "null", "~", "''", "[]", "{}", "[[]]", "{a: b}", "-", "?", ":", "!!int 3", "&a x", "*a", "1e999",
    "-1", "0", "0x7f", "0o17", "1_000", ".nan", "-.inf", "9" * 40, "yes", "true", "5e-5", "1e-320", "'",
    '"', "|", ">", "---", "\t", "\x00", "\ufeff", "\u2028", "\U0001f600", "\u0661", "kind", "mlp",
    "a" * 200, "[" * 60, "{a: " * 60, "9223372036854775807", "../../x", "/dev/zero", "<script>", "a.b",
    "a/b", "1,2", "%s", "\x1b[2J", "2:00:00", "- - -", "...", "%YAML 1.1", "- " * 60, "data.theta",
    "losses.critic",
)
VALUES = (
    None, True, False, 0, 1, -1, 2**31, 2**63 - 1, 2**64, 1.5, 1e308, 1e-320, "", "x", "inf", "../../x",
    "<script>", "\x00", "\U0001f600", "9" * 40, [], [[]], {}, {"": None}, {"kind": "mlp"}, [1, "a", None],
)
# fmt: on
BORDERS = (0, 1, 0x7F, 0x80, 0xFF)
DEEP = 3000


def of_bytes(content: bytes, rng: random.Random) -> bytes:
    """A few places changed, cut, doubled or put elsewhere."""
    for _ in range(rng.choice([1, 1, 2, 5, 20])):
        content = rng.choice(BYTES)(content, rng)
    return content


def _flip(content: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(content) + 1)
    return content[:at] + bytes([rng.choice([*BORDERS, rng.randrange(256)])]) + content[at + 1 :]


def _cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content) + 1)]


def _take_out(content: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(content) + 1)
    return content[:at] + content[at + rng.randrange(1, 9) :]


def _put_in(content: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(content) + 1)
    return content[:at] + rng.randbytes(rng.randrange(1, 9)) + content[at:]


def _double(content: bytes, rng: random.Random) -> bytes:
    first, second = sorted(rng.randrange(len(content) + 1) for _ in range(2))
    return content[:second] + content[first : min(second, first + 1000)] + content[second:]


def _number(content: bytes, rng: random.Random) -> bytes:
    """Four bytes that say a size, either way round."""
    at, size = rng.randrange(len(content) + 1), rng.choice([0, 1, 255, 2**16, 2**31 - 1, 2**31, 2**32 - 1])
    return content[:at] + size.to_bytes(4, rng.choice(["big", "little"])) + content[at + 4 :]


BYTES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip, _flip, _flip, _cut, _take_out, _put_in, _double, _number,
)  # fmt: skip


def of_lines(content: bytes, rng: random.Random) -> bytes:
    """Lines of text dropped, doubled, exchanged, indented; words, values and letters replaced."""
    lines = content.decode("utf-8", "replace").split("\n")
    for _ in range(rng.choice([1, 1, 2, 5])):
        rng.choice(LINES)(lines, rng)
    return "\n".join(lines).encode("utf-8", "replace")


def _drop(lines: list[str], rng: random.Random) -> None:
    if len(lines) > 1:
        del lines[rng.randrange(len(lines))]


def _repeat(lines: list[str], rng: random.Random) -> None:
    lines.insert(rng.randrange(len(lines)), rng.choice(lines))


def _exchange(lines: list[str], rng: random.Random) -> None:
    first, second = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]


def _indent(lines: list[str], rng: random.Random) -> None:
    number = rng.randrange(len(lines))
    lines[number] = rng.choice(["  ", "\t", "        ", "- "]) + lines[number]


def _word(lines: list[str], rng: random.Random) -> None:
    number = rng.randrange(len(lines))
    words = lines[number].split(" ")
    words[rng.randrange(len(words))] = rng.choice(TEXTS)
    lines[number] = " ".join(words)


def _value(lines: list[str], rng: random.Random) -> None:
    number = rng.randrange(len(lines))
    key = lines[number].partition(":")[0]
    lines[number] = f"{key}: {rng.choice(TEXTS)}"


def _letter(lines: list[str], rng: random.Random) -> None:
    number = rng.randrange(len(lines))
    at = rng.randrange(len(lines[number]) + 1)
    letter = chr(rng.choice([rng.randrange(128), rng.randrange(0x3000)]))
    lines[number] = lines[number][:at] + letter + lines[number][at + rng.randrange(2) :]


LINES: tuple[Callable[[list[str], random.Random], None], ...] = (
    _drop, _repeat, _exchange, _indent, _word, _word, _value, _value, _letter,
)  # fmt: skip


def of_tree(tree: Any, rng: random.Random) -> Any:
    """A copy of plain values in which a few are others, are gone, or stand in another's place."""
    for _ in range(rng.choice([1, 1, 2, 4])):
        tree = _at(tree, rng, rng.choice(_nodes(tree)))
    return tree


def _nodes(tree: Any) -> list[Any]:
    """All values below, the tree itself not among them unless it has none."""
    found, waiting = [], [tree]
    while waiting:
        node = waiting.pop()
        inner = list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []
        found += inner
        waiting += inner
    return found or [tree]


def _at(tree: Any, rng: random.Random, other: Any) -> Any:
    """One place changed; ``other`` is a value from elsewhere in the tree."""
    if isinstance(tree, dict) and tree:
        key = rng.choice(list(tree))
        return (
            _entry(tree, key, rng, other)
            if _stops(tree[key], rng)
            else tree | {key: _at(tree[key], rng, other)}
        )
    if isinstance(tree, list) and tree:
        number = rng.randrange(len(tree))
        new = (
            [_replaced(tree[number], rng, other)]
            if _stops(tree[number], rng)
            else [_at(tree[number], rng, other)]
        )
        return tree[:number] + new * rng.choice([0, 1, 1, 1, 2]) + tree[number + 1 :]
    return _replaced(tree, rng, other)


def _stops(node: Any, rng: random.Random) -> bool:
    return not isinstance(node, dict | list) or not node or rng.random() < 0.15


def _entry(tree: dict[Any, Any], key: Any, rng: random.Random, other: Any) -> dict[Any, Any]:
    how = rng.random()
    if how < 0.15:
        return {name: value for name, value in tree.items() if name != key}
    if how < 0.3:
        return {(rng.choice(TEXTS) if name == key else name): value for name, value in tree.items()}
    return tree | {key: _replaced(tree[key], rng, other)}


def _replaced(value: Any, rng: random.Random, other: Any) -> Any:
    how = rng.random()
    if how < 0.3:
        return other
    if how < 0.45 and isinstance(value, int | float):
        return rng.choice([-value, value + 1, value * 10, value / 3, str(value)])
    if how < 0.6 and isinstance(value, str):
        return of_lines(value.encode(), rng).decode()
    return rng.choice(VALUES)


def deep(rng: random.Random) -> Any:
    """Lists in lists, more than a reader that calls itself can follow."""
    return "[" * DEEP + "]" * DEEP if rng.random() < 0.5 else '{"a":' * DEEP + "1" + "}" * DEEP
