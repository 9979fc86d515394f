"""The JSON Schema of experiment files, which editors complete and check them with.

``python -m suite.spec.json_schema`` writes ``experiments/schema.json``.
"""

import copy
import json
from pathlib import Path
from typing import Any, Final

import msgspec

from suite.spec.layout import File
from suite.spec.merge import KIND_KEYS, PACKED_KEYS
from suite.spec.schema.packs import USE

PATH: Final = Path(__file__).parents[2] / "experiments" / "schema.json"
_PREFIX: Final = "#/$defs/"
_WHOLE: Final = frozenset({"File", "Scales"})
"""What no scale can give in part. Claims and their like have a second, partial definition."""
_IN_PART_TOO: Final = frozenset({"Factor", "Metric", "Claim", "Control", "Figure"})

Schema = dict[str, Any]


def file_schema() -> Schema:
    """The schema, draft 2020-12."""
    _, definitions = msgspec.json.schema_components((File,), ref_template=_PREFIX + "{name}")
    parts = {_part(name): _renamed(copy.deepcopy(definitions[name])) for name in sorted(_IN_PART_TOO)}
    definitions = definitions | parts | {"Layer": _renamed(definitions["Layer"])}
    for name, definition in definitions.items():
        if name not in _WHOLE | _IN_PART_TOO:
            _make_partial(definition, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **definitions.pop("File"),
        "$defs": definitions,
    }


def rendered() -> str:
    """The schema as the text of its file."""
    return json.dumps(file_schema(), indent=1) + "\n"


def _part(name: str) -> str:
    return f"Part{name}"


def _renamed(schema: Any) -> Any:
    """The schema with its references led to the partial definitions."""
    if isinstance(schema, dict):
        return {key: _renamed(value) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_renamed(item) for item in schema]
    if isinstance(schema, str) and schema.removeprefix(_PREFIX) in _IN_PART_TOO:
        return _PREFIX + _part(schema.removeprefix(_PREFIX))
    return schema


def _make_partial(definition: Schema, definitions: Schema) -> None:
    """Nothing required, ``null`` for any key, and the name of a kind for its mapping."""
    definition.pop("required", None)
    properties = definition.get("properties", {})
    for key, schema in properties.items():
        if key == "kind":
            continue
        if "additionalProperties" in schema:
            values = schema["additionalProperties"]
            schema["additionalProperties"] = {"anyOf": [values, {"type": "null"}]}
        names: list[Schema] = [{"enum": _kinds(schema, definitions)}] if key in KIND_KEYS else []
        names += [{"type": "string", "pattern": USE}] if key in PACKED_KEYS else []
        properties[key] = {"anyOf": [schema, *names, {"type": "null"}]}


def _kinds(schema: Schema, definitions: Schema) -> list[str]:
    if "$ref" in schema:
        definition = definitions[schema["$ref"].removeprefix(_PREFIX)]
        return list(definition["properties"]["kind"]["enum"])
    return [kind for part in schema.get("anyOf", ()) for kind in _kinds(part, definitions)]


if __name__ == "__main__":
    PATH.write_text(rendered())
