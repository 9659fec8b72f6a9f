"""What the stand-in for Kubeflow's API keeps: things by id, pages of them, and pipelines."""

import abc
import base64
import json
import uuid
from datetime import UTC, datetime
from urllib.parse import unquote_plus

import yaml
from kubeflow_rules import check_tags, documents, require
from kubeflow_wire import Json, Request, uploaded

FILTERS = {"display_name", "name", "created_at", "description"}


def stamp(time: datetime | None = None) -> str:
    """Return a time as protobuf's JSON has it."""
    return f"{time or datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def keep(store: dict[str, Json], key: str, thing: Json) -> Json:
    """Give `thing` an id and a time, and keep it."""
    identity = str(uuid.uuid4())
    store[identity] = {key: identity, "created_at": stamp(), **thing}
    return store[identity]


def known_fields(body: Json, known: set[str]) -> Json:
    """Refuse fields that the message does not have, as the server's unmarshaler does."""
    for name in body:
        require(name in known, f'proto: (line 1:2): unknown field "{name}"')
    return body


class Pipelines(abc.ABC):
    """Pipelines and their versions."""

    def __init__(self) -> None:
        self.page_limit = 200
        self.pipelines: dict[str, Json] = {}
        self.versions: dict[str, Json] = {}

    @abc.abstractmethod
    def namespace(self, told: str | None, what: str) -> str:
        """Return the namespace that counts; one user has all."""

    def create_pipeline(self, request: Request) -> Json:
        body = known_fields(
            request.json, {"name", "display_name", "description", "namespace", "tags"}
        )
        check_tags(json.dumps(body.get("tags", {})))
        namespace = self.namespace(body.get("namespace"), "A pipeline")
        taken = any(p["name"] == body["name"] for p in self.pipelines.values())
        require(not taken, f"The name {body['name']} already exists", 409)
        return keep(self.pipelines, "pipeline_id", {**body, "namespace": namespace})

    def list_pipelines(self, request: Request) -> Json:
        namespace = self.namespace(request.query.get("namespace"), "A pipeline")
        found = [p for p in self.pipelines.values() if p["namespace"] == namespace]
        return self._page(request, found, "pipelines")

    def list_versions(self, request: Request, pipeline_id: str) -> Json:
        found = [v for v in self.versions.values() if v["pipeline_id"] == pipeline_id]
        return self._page(request, found, "pipeline_versions")

    def get_version(self, _: Request, pipeline_id: str, version_id: str) -> Json:
        found = self.versions.get(version_id, {})
        require(found.get("pipeline_id") == pipeline_id, "PipelineVersion not found", 404)
        return found

    def upload_version(self, request: Request) -> Json:
        pipeline_id = request.query.get("pipelineid", "")
        require(pipeline_id in self.pipelines, "Failed to create a pipeline version")
        name = request.query["name"]
        require(len(name) <= 127, "PipelineVersion.Name length cannot exceed 127")
        there = self.versions.values()
        taken = any(v["pipeline_id"] == pipeline_id and v["name"] == name for v in there)
        require(not taken, "Failed to create a pipeline version", 409)
        text = uploaded(request)
        docs = [doc for doc in yaml.safe_load_all(text) if doc]
        source = {"pipeline_spec": docs[0], "platform_spec": docs[1]} if docs[1:] else docs[0]
        documents(source)
        about = {
            "pipeline_id": pipeline_id,
            "name": name,
            "display_name": name,
            "description": request.query.get("description", ""),
            "tags": check_tags(request.query.get("tags")),
            "pipeline_spec": source,
        }
        return keep(self.versions, "pipeline_version_id", about)

    def _page(self, request: Request, found: list[Json], name: str) -> Json:
        # The server decodes a filter once more than HTTP does.
        text = unquote_plus(request.query.get("filter") or "{}")
        told = json.loads(text).get("predicates", [])
        for predicate in told:
            key = predicate["key"]
            require(key in FILTERS, f'Invalid filter key "{key}"')
            require(predicate["operation"] in {"EQUALS", 1}, "Unsupported operation")
            wanted = predicate.get("string_value", predicate.get("stringValue"))
            found = [item for item in found if item.get(key) == wanted]
        token, begin = request.query.get("page_token"), 0
        if token:
            begin, filtered = json.loads(base64.b64decode(token))
            require(
                filtered == told, "page token does not match the supplied sort by and/or filter"
            )
        size = min(int(request.query.get("page_size") or 20) or 20, self.page_limit)
        answer: Json = {name: found[begin : begin + size], "total_size": len(found)}
        if begin + size < len(found):
            following = json.dumps([begin + size, told]).encode()
            answer["next_page_token"] = base64.b64encode(following).decode()
        return answer
