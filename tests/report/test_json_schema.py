"""The schema describes what is written: not a key more, not a key less."""

import json
from pathlib import Path

import numpy as np
import pytest

from fpcli.analysis.comparison import StepContrast, judged
from fpcli.analysis.result import Flag, Measure, Missing
from fpcli.cli.schema import CommandName
from fpcli.errors import VideoError
from fpcli.report.json_schema import Output, schema_of
from fpcli.report.rows import error_json, strict_json, to_json

KINDS = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
KEYWORDS = {"$schema", "$defs", "$ref", "title", "description", "const", "oneOf", "anyOf", "type"}
KEYWORDS |= {"enum", "properties", "required", "additionalProperties", "items", "minItems"}
KEYWORDS |= {"maxItems"}


def wrong(value, schema, whole, place="$") -> list[str]:
    """What of a value is not as the schema says, by the keywords that our schemas use."""
    assert schema.keys() <= KEYWORDS, schema.keys() - KEYWORDS
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        return wrong(value, whole["$defs"][name], whole, place)
    for choice, allowed in (("oneOf", {1}), ("anyOf", {1, 2})):
        if choice in schema:
            fitting = [one for one in schema[choice] if not wrong(value, one, whole, place)]
            return [] if len(fitting) in allowed else [f"{place} fits {len(fitting)} choices"]
    if "const" in schema:
        return [] if value == schema["const"] else [f"{place} is {value!r}"]
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    fits = [isinstance(value, KINDS[kind]) for kind in kinds]
    if not any(fits) or (isinstance(value, bool) and "boolean" not in kinds):
        return [f"{place} is {value!r} and no {kinds}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{place} is {value!r}"]
    found = []
    if isinstance(value, dict):
        properties = schema["properties"]
        found += [f"{place} lacks {key}" for key in schema["required"] if key not in value]
        found += [f"{place} has {key}" for key in value if key not in properties]
        for key in value.keys() & properties.keys():
            found += wrong(value[key], properties[key], whole, f"{place}.{key}")
    if isinstance(value, list):
        least, most = schema.get("minItems", 0), schema.get("maxItems", len(value))
        found += [] if least <= len(value) <= most else [f"{place} has {len(value)} items"]
        for index, item in enumerate(value):
            found += wrong(item, schema["items"], whole, f"{place}[{index}]")
    return found


def check(text: str, output: Output) -> list[str]:
    schema = json.loads(json.dumps(schema_of(output)))
    return wrong(json.loads(text), schema, schema)


def variants(make_analysis):
    boxes = make_analysis().masks.boxes_px.copy()
    boxes[0] = np.nan
    unknown = {"dive_number": None, "description": None, "height_m": None, "height_origin": None}
    yield make_analysis()
    yield make_analysis(flags=tuple(Flag), masks={"boxes_px": boxes}, plausibility=None)
    yield make_analysis(dive=unknown | {"difficulty_edition": None}, votes=())
    yield make_analysis(dive={"diver": "Ann", "panel_points": 62.5})
    nothing = Measure(missing=Missing.NO_DIVE)
    measures = make_analysis().measures
    yield make_analysis(measures=dict.fromkeys(measures.by_name, nothing), observations=())


@pytest.mark.parametrize("output", [Output.SCORE, Output.EXPLAIN, Output.BATCH])
def test_every_analysis_is_as_the_schema_says(make_analysis, output: Output):
    for analysis in variants(make_analysis):
        assert check(to_json(analysis), output) == []


def test_a_batchs_failure_is_as_the_schema_says_and_a_scores_is_none():
    line = error_json(Path("a.mp4"), VideoError("It holds no dive.", "Film one."))
    assert check(line, Output.BATCH) == []
    assert check(line, Output.SCORE) != []


def test_a_comparison_is_as_the_schema_says(make_analysis):
    first, *others = variants(make_analysis)
    steps = tuple(StepContrast(step.name, 0.1, -0.2) for step in first.steps)
    for second in others:
        for residuals in (np.empty(0), np.linspace(0, 1, 9)):
            pair = judged(first, second, steps, (0.1, -0.3), residuals, 0.9)
            assert check(strict_json(pair.to_dict()), Output.COMPARE) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda told: told.update(extra=1),
        lambda told: told.pop("mark"),
        lambda told: told.update(schema_version="0.9"),
        lambda told: told.update(score_points="much"),
        lambda told: told["steps"].pop(),
        lambda told: told["flags"].append("unheard_of"),
        lambda told: told["source"].update(path=None),
        lambda told: told["dive"].update(synchro=1),
    ],
)
def test_what_is_not_written_does_not_fit(make_analysis, spoil):
    told = json.loads(to_json(make_analysis()))
    spoil(told)
    assert check(json.dumps(told), Output.SCORE) != []


def test_the_command_offers_every_output():
    assert [name.value for name in CommandName] == [name.value for name in Output]
