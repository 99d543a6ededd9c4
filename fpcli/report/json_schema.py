"""The JSON outputs as JSON Schema (2020-12), made from the dataclasses that they are made from."""

import dataclasses
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from fpcli.analysis.comparison import Caveat, Certainty, StepContrast, Verdict
from fpcli.analysis.result import (
    SCHEMA_VERSION,
    DiveFacts,
    DiveMeasures,
    Flag,
    Interval,
    Observation,
    Provenance,
    SourceFacts,
    StepContribution,
    StepNeighbour,
    Transition,
    Vote,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PLAIN = {str: "string", Path: "string", float: "number", int: "integer", bool: "boolean"}
_NUMBER = {"type": "number"}
_STRING = {"type": "string"}
_VERSION = {"const": SCHEMA_VERSION}

Schema = dict[str, Any]


class Output(StrEnum):
    """A command whose --json is described; `batch` writes one such object a line."""

    SCORE = "score"
    EXPLAIN = "explain"
    BATCH = "batch"
    COMPARE = "compare"


def schema_of(output: Output) -> Schema:
    """Return the schema of a command's JSON: of one object, in `batch` of one line."""
    analysis, failure = {"$ref": "#/$defs/analysis"}, {"$ref": "#/$defs/failure"}
    described: Schema
    definitions = {"analysis": _analysis()}
    match output:
        case Output.SCORE | Output.EXPLAIN:
            described = analysis
        case Output.BATCH:
            described = {"oneOf": [analysis, failure]}
            definitions["failure"] = _failure()
        case Output.COMPARE:
            described = _object(
                {
                    "schema_version": _VERSION,
                    "first": analysis,
                    "second": analysis,
                    "comparison": _comparison(),
                }
            )
    title = f"fineparser {output} --json"
    return {"$schema": DIALECT, "title": title, **described, "$defs": definitions}


def _analysis() -> Schema:
    return _object(
        {
            "schema_version": _VERSION,
            "source": _dataclass(SourceFacts),
            "dive": _dataclass(DiveFacts),
            "score_points": _NUMBER,
            "mark": _NUMBER,
            "band": _STRING,
            "interval": _dataclass(Interval),
            "exemplar_mean_points": _NUMBER,
            "limit_points": _NUMBER,
            "steps": _list(_step(), 3),
            "transitions": _list(_dataclass(Transition), 2),
            "votes": _list(_dataclass(Vote, step_points=_list(_NUMBER, 3))),
            "flags": _list(_type(Flag)),
            "plausibility": {"type": ["number", "null"]},
            "measures": _dataclass(DiveMeasures),
            "observations": _list(_dataclass(Observation)),
            "provenance": _dataclass(
                Provenance, step_fidelity={"anyOf": [_list(_NUMBER, 3), {"type": "null"}]}
            ),
            "samples": _object(
                {
                    "frames": _list({"type": "integer"}),
                    "times_s": _list(_NUMBER),
                    "transition_probabilities": _list(_list(_NUMBER, 2)),
                    "mask_area_fraction": _list(_NUMBER),
                    "boxes_px": _list({"anyOf": [_list(_NUMBER, 4), {"type": "null"}]}),
                },
                "Of the frames that the network saw: boxes are x0, y0, x1, y1, null without diver.",
            ),
        },
        "A scored dive: score_points is exemplar_mean_points, the steps' contribution_points and "
        "limit_points added from left to right. Points, marks, seconds and pixels are unrounded.",
    )


def _step() -> Schema:
    neighbour = {"anyOf": [_dataclass(StepNeighbour), {"type": "null"}]}
    return _dataclass(
        StepContribution,
        contribution_points=_NUMBER,
        nearest_better=neighbour,
        nearest_worse=neighbour,
    )


def _failure() -> Schema:
    properties = {
        "schema_version": _VERSION,
        "path": _STRING,
        "error": _STRING,
        "hint": _STRING,
        "exit_code": {"type": "integer"},
    }
    return _object(properties, "A video without a score, and why.")


def _comparison() -> Schema:
    return _object(
        {
            "verdict": _type(Verdict),
            "difference_marks": _NUMBER,
            "difference_points": _NUMBER,
            "certainty": _dataclass(Certainty),
            "direct_marks": _NUMBER,
            "directions_marks": _list(_NUMBER, 2),
            "steps": _list(_dataclass(StepContrast, contrast_marks=_NUMBER), 3),
            "caveats": _list(_type(Caveat)),
        },
        "Every difference is the first dive less the second.",
    )


def _dataclass(kind: type, **derived: Schema) -> Schema:
    """Describe a dataclass as `dataclasses.asdict` writes it.

    derived: properties added to it, or described otherwise than by their type.
    """
    hints = get_type_hints(kind)
    plain = [field.name for field in dataclasses.fields(kind) if field.name not in derived]
    known = {name: _type(hints[name]) for name in plain}
    return _object(known | derived, (kind.__doc__ or "").partition("\n")[0])


def _type(kind: Any) -> Schema:
    """Describe the JSON of one annotated value. Raises KeyError for a kind that none has."""
    if get_origin(kind) in (Union, UnionType):
        (other,) = (one for one in get_args(kind) if one is not NoneType)
        described = _type(other)
        if "enum" in described:
            return described | {"type": ["string", "null"], "enum": [*described["enum"], None]}
        return described | {"type": [described["type"], "null"]}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"type": "string", "enum": [one.value for one in kind]}
    if dataclasses.is_dataclass(kind):
        assert isinstance(kind, type)
        return _dataclass(kind)
    return {"type": _PLAIN[kind]}


def _object(properties: Schema, description: str = "") -> Schema:
    described = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return described | ({"description": description} if description else {})


def _list(items: Schema, length: int | None = None) -> Schema:
    described: Schema = {"type": "array", "items": items}
    return described | ({} if length is None else {"minItems": length, "maxItems": length})
