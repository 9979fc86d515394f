"""What a source file says to Python: its text without comments, docstrings and blank lines."""

import ast
import io
import tokenize
from collections.abc import Iterator

Span = tuple[tuple[int, int], tuple[int, int]]
"""From a line and column to another; lines from 1, columns from 0."""


def meaning(source: str) -> str:
    """The text that is left. It does not depend on the version of Python, as a syntax tree would.

    SyntaxError where the source is not Python.
    """
    lines = lines_of(source)
    # The syntax tree first: it is what tells of a source that is not Python.
    docstrings = list(_docstrings(source))
    exact = set(_in_strings(source)).difference(*map(_numbers, docstrings))
    for span in sorted([*docstrings, *_comments(source)], reverse=True):
        _blank(lines, span)
    numbered = ((line if number in exact else line.rstrip(), number) for number, line in enumerate(lines, 1))
    return "\n".join(line for line, number in numbered if line or number in exact)


def _in_strings(source: str) -> Iterator[int]:
    """The numbers of lines that end inside of a string: what they end with, and empty ones, are its text."""
    for token in tokenize.generate_tokens(io.StringIO(source, newline=None).readline):
        yield from range(token.start[0], token.end[0])


def _numbers(span: Span) -> range:
    (first, _), (last, _) = span
    return range(first, last + 1)


def lines_of(source: str) -> list[str]:
    """The lines as Python counts them: ``str.splitlines`` also ends one at a form feed, and at others."""
    return [line.rstrip("\r\n") for line in io.StringIO(source, newline=None)]


def _comments(source: str) -> Iterator[Span]:
    for token in tokenize.generate_tokens(io.StringIO(source, newline=None).readline):
        if token.type == tokenize.COMMENT:
            yield token.start, token.end


def _docstrings(source: str) -> Iterator[Span]:
    """Of every bare string in a body: behind a field or a constant it is a comment as well."""
    lines = lines_of(source)
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Expr(value=ast.Constant(value=str()), end_lineno=int(last), end_col_offset=int(end)):
                start = _column(lines[node.lineno - 1], node.col_offset)
                yield (node.lineno, start), (last, _column(lines[last - 1], end))


def _column(line: str, offset: int) -> int:
    """Characters before an offset in bytes of UTF-8."""
    return len(line.encode()[:offset].decode())


def _blank(lines: list[str], span: Span) -> None:
    (first, start), (last, end) = span
    if first == last:
        lines[first - 1] = lines[first - 1][:start] + lines[first - 1][end:]
        return
    lines[first - 1], lines[last - 1] = lines[first - 1][:start], lines[last - 1][end:]
    for index in range(first, last - 1):
        lines[index] = ""
