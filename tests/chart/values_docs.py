"""One truth for the chart's values: the comments of values.yaml go into the schema and the README.

`python tests/chart/values_docs.py` rewrites both; a test fails where that would change them.
"""

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).parents[2] / "helm" / "codekiln"
BEGIN = "<!-- made by `make chart-docs` from values.yaml and values.schema.json -->\n"
END = "<!-- end -->\n"


@dataclasses.dataclass(frozen=True)
class Value:
    """One documented value: where it stands, what it is by default, what it is for."""

    path: tuple[str, ...]
    default: Any
    text: str

    @property
    def name(self) -> str:
        """The value as `--set` takes it."""
        return ".".join(self.path)


def documented(text: str) -> Iterator[Value]:
    """Yield each key of the YAML `text` that has a comment over it, or no mapping below it."""
    root = yaml.compose(text)
    assert isinstance(root, yaml.MappingNode)
    yield from _below(root, (), text.splitlines())


def _below(node: yaml.MappingNode, above: tuple[str, ...], lines: list[str]) -> Iterator[Value]:
    for key, value in node.value:
        path = (*above, key.value)
        comment = _comment(lines, key.start_mark.line)
        if isinstance(value, yaml.MappingNode) and not comment:
            yield from _below(value, path, lines)
        else:
            default = yaml.safe_load(yaml.serialize(value))
            yield Value(path, default, comment)


def _comment(lines: list[str], line: int) -> str:
    """Return the comment that ends right over `line`, in one line."""
    found: list[str] = []
    while line and lines[line - 1].lstrip().startswith("#"):
        line -= 1
        found.insert(0, lines[line].lstrip().removeprefix("#").strip())
    return " ".join(found)


def schema_with(values: list[Value], schema: str) -> str:
    """Return the JSON `schema` with the text of each value as its description."""
    document = json.loads(schema)
    for value in values:
        place = document
        for step in value.path:
            place = place["properties"][step]
        told = {key: kept for key, kept in place.items() if key != "description"}
        place.clear()
        place.update({"description": value.text, **told})
    return json.dumps(document, indent=2) + "\n"


def readme_with(values: list[Value], schema: str, readme: str) -> str:
    """Return `readme` with the tables of all values and of the fields of a scheduled job."""
    job = json.loads(schema)["$defs"]["schedule"]
    tables = [
        "\n",
        *_table(("value", "default", "what it does"), map(_row, values)),
        "\n### A scheduled job\n\n",
        *_table(("field", "default", "what it does"), _fields(job)),
        "\n",
    ]
    pattern = re.escape(BEGIN) + ".*" + re.escape(END)
    assert re.search(pattern, readme, re.DOTALL), (
        f"README.md lacks {BEGIN.strip()} ... {END.strip()}"
    )
    return re.sub(pattern, lambda _: BEGIN + "".join(tables) + END, readme, flags=re.DOTALL)


def _row(value: Value) -> tuple[str, str, str]:
    return f"`{value.name}`", f"`{json.dumps(value.default)}`", value.text


def _fields(job: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, field in job["properties"].items():
        default = "required" if name in job["required"] else ""
        shown = f"`{json.dumps(field['default'])}`" if "default" in field else default
        yield f"`{name}`", shown, field["description"]


def _table(head: tuple[str, str, str], rows: Any) -> Iterator[str]:
    yield f"| {' | '.join(head)} |\n| --- | --- | --- |\n"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n"


def main() -> None:
    """Rewrite the schema's descriptions and the README's tables."""
    values = list(documented((CHART / "values.yaml").read_text()))
    schema, readme = CHART / "values.schema.json", CHART / "README.md"
    schema.write_text(schema_with(values, schema.read_text()))
    readme.write_text(readme_with(values, schema.read_text(), readme.read_text()))


if __name__ == "__main__":
    main()
