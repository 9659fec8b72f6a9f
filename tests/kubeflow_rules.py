"""What Kubeflow Pipelines 2.17 checks of a request before it takes it.

Looked up in its API server: template/v2_template.go (packages and arguments), server/*.go and
resource_manager.go (runs, recurring runs), model/pipeline_tags.go, validation/length.go. Cron is
read as robfig/cron 1.2.0 reads it: five fields are taken, as seconds to months.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

PIPELINE_NAME = re.compile(r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")
TYPES: dict[str, tuple[type, ...]] = {
    "NUMBER_INTEGER": (int, float),
    "NUMBER_DOUBLE": (int, float),
    "STRING": (str,),
    "BOOLEAN": (bool,),
    "LIST": (list,),
    "STRUCT": (dict,),
}
CODES = {400: 3, 401: 16, 403: 7, 404: 5, 409: 6, 500: 13, 503: 14}
"""HTTP status to google.rpc.Code, as grpc-gateway maps it."""

CRON_BOUNDS = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
CRON_NAMES = {
    4: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    5: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
}


class RefusedError(Exception):
    """The server answers with a status and a message instead."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    def body(self) -> dict[str, Any]:
        """Return the google.rpc.Status that grpc-gateway sends."""
        code = CODES[self.status]
        detail = {"@type": "type.googleapis.com/google.rpc.Status", "code": code}
        return {
            "code": code,
            "message": f"Failed: Wrapped: {self}",
            "details": [{**detail, "message": str(self)}],
        }


def require(holds: object, message: str, status: int = 400) -> None:
    """Refuse with `message` unless `holds`."""
    if not holds:
        raise RefusedError(status, message)


def documents(source: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Check a package and return its two documents."""
    both = "pipeline_spec" in source
    spec = dict(source["pipeline_spec"] if both else source)
    platform = dict(source.get("platform_spec", {}) if both else {})
    require(
        spec.get("schemaVersion") == "2.1.0",
        f"KFP only supports schema version 2.1.0, but the pipeline spec has version "
        f"{spec.get('schemaVersion')}",
    )
    name = spec.get("pipelineInfo", {}).get("name", "")
    require(PIPELINE_NAME.match(name), "invalid v2 pipeline spec: name should consist of ...")
    require(spec.get("root"), "invalid v2 pipeline spec: root component is empty")
    require(not platform or "kubernetes" in platform["platforms"], "invalid platform spec")
    return spec, platform


def check_arguments(spec: Mapping[str, Any], arguments: Mapping[str, Any]) -> None:
    """Check the arguments of a run against the inputs of its pipeline."""
    known = spec["root"].get("inputDefinitions", {}).get("parameters", {})
    for name, parameter in known.items():
        if name in arguments:
            _check_value(name, arguments[name], parameter)
            continue
        optional = parameter.get("isOptional") or "defaultValue" in parameter
        require(
            optional,
            f"parameter {name} is not optional, yet has neither default value nor user provided "
            "value",
        )
    extra = sorted(set(arguments) - set(known))
    require(not extra, f"parameter(s) provided are not required by pipeline: {', '.join(extra)}")


def _check_value(name: str, value: Any, parameter: Mapping[str, Any]) -> None:
    kind = parameter["parameterType"]
    fits = isinstance(value, TYPES[kind]) and (kind == "BOOLEAN" or not isinstance(value, bool))
    require(
        fits,
        f"input parameter {name} requires type {kind.lower()}, but the parameter value is not of "
        "that type",
    )
    literals = parameter.get("literals", [])
    require(
        not literals or value in literals,
        f'input parameter "{name}" value {value} does not match any of the allowed literal '
        f"values: {literals}",
    )


def check_recurring(body: Mapping[str, Any]) -> None:
    """Check what a recurring run has besides its package and arguments."""
    require(body.get("display_name"), "Recurring run's name cannot be empty", 500)
    concurrency = int(body.get("max_concurrency", 0))
    require(
        1 <= concurrency <= 10,
        "Max concurrency of a recurring run must be at least 1 and at most 10. "
        f"Received {concurrency}",
    )
    clock = body.get("trigger", {}).get("cron_schedule")
    if clock is not None:
        check_cron(clock["cron"])


def check_cron(text: str) -> None:
    """Check a cron as robfig/cron 1.2.0 does: five or six fields, or @something."""
    unsupported = (
        "Schedule cron is not a supported format(https://godoc.org/github.com/robfig/cron)"
    )
    fields = text.split()
    if text.startswith("@"):
        return
    require(
        5 <= len(fields) <= 6,
        f"{unsupported}. Error: Expected 5 to 6 fields, found {len(fields)}: {text}",
    )
    for place, field in enumerate(fields):
        for item in filter(None, field.split(",")):
            require(_cron_item(item, place), f"{unsupported}. Error: {item} in {text}")


def _cron_item(item: str, place: int) -> bool:
    span, _, step = item.partition("/")
    names = CRON_NAMES.get(place, [])
    least, most = CRON_BOUNDS[place]
    if step and (not step.isdecimal() or int(step) == 0):
        return False
    if span in {"*", "?"}:
        return True
    ends = [
        names.index(word.lower()) + least if word.lower() in names else word
        for word in span.split("-")
    ]
    if len(ends) > 2 or not all(str(end).isdecimal() for end in ends):
        return False
    numbers = [int(end) for end in ends]
    return least <= numbers[0] <= numbers[-1] <= most


def check_tags(text: str | None) -> dict[str, str]:
    """Check the tags of an upload, a JSON object, and return them."""
    tags: dict[str, str] = json.loads(text) if text else {}
    require(len(tags) <= 20, f"number of tags ({len(tags)}) exceeds maximum of 20 per entity")
    for key, value in tags.items():
        require(key and "." not in key, f"tag key \"{key}\" must not contain '.' character")
        require(max(len(key), len(value)) <= 63, "tag exceeds maximum length of 63 characters")
    return tags
