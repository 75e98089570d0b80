"""The OpenAPI document of the JSON interface, made from the routes and their page dataclasses."""

import re
from typing import Any

from kbase.search import Suggestion
from kbase.views.parts import Link
from kbase.web.problems import Problem
from kbase.web.routes import ROUTES, Parameter, Route
from kbase.web.wire import Json, schema

PREFIX = "/api/v1"
PART = re.compile(r"<(?:path:)?(\w+)>")
PARTS = {
    "version": "a version's label, or `latest`; `-` for a document that has none",
    "range": "two versions: `v5.4..v6.8.1`",
    "struct": "an ops table",
    "op": "an op of it",
    "name": "a function or flag",
    "subject": "a lock's canonical name",
    "slug": "an entry's or note's short name",
    "sha": "a commit's hash, or at least seven first digits of it",
    "path": "a document's path",
}


def document(root: str) -> Json:
    """The OpenAPI 3.1 document; `root` is the prefix that the site is served below."""
    components: dict[str, Json] = {}
    paths = {PART.sub(r"{\1}", route.rule): {"get": _operation(route, components)} for route in ROUTES}
    paths["/suggest"] = {"get": _suggest(components)}
    components["Error"] = _error(components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "kbase",
            "version": "1",
            "description": "The data of every page: put /api/v1 before the page's address.",
        },
        "servers": [{"url": root + PREFIX}],
        "paths": paths,
        "components": {"schemas": dict(sorted(components.items()))},
    }


def _operation(route: Route, components: dict[str, Json]) -> Json:
    parameters = [_path_parameter(name) for name in PART.findall(route.rule)]
    parameters += [_query_parameter(parameter) for parameter in route.query]
    return {
        "operationId": route.name,
        "summary": route.about,
        "parameters": parameters,
        "responses": {
            "200": _json(route.about, schema(route.page, components)),
            "302": {"description": "the canonical address, where a version is written otherwise"},
            "default": _failure(),
        },
    }


def _suggest(components: dict[str, Json]) -> Json:
    result = {"type": "array", "items": schema(Suggestion, components)}
    return {
        "operationId": "suggest",
        "summary": "names that begin like the text",
        "parameters": [_query_parameter(Parameter(name="q", about="what is being typed"))],
        "responses": {"200": _json("names", result), "default": _failure()},
    }


def _path_parameter(name: str) -> Json:
    string: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 200}
    return {"name": name, "in": "path", "required": True, "description": PARTS[name], "schema": string}


def _query_parameter(parameter: Parameter) -> Json:
    kind: Json = {"type": "integer", "minimum": 0, "maximum": 10_000} if parameter.number else {"type": "string"}
    if parameter.values:
        kind["enum"] = list(map(str, parameter.values))
    return {"name": parameter.name, "in": "query", "description": parameter.about, "schema": kind}


def _json(description: str, content: Json) -> Json:
    return {"description": description, "content": {"application/json": {"schema": content}}}


def _failure() -> Json:
    return _json("what went wrong", {"$ref": "#/components/schemas/Error"})


def _error(components: dict[str, Json]) -> Json:
    near = {"type": "array", "items": schema(Link, components)}
    schema(Problem, components)
    problem = components.pop("Problem")
    problem["properties"]["near"] = near
    problem["required"] = [*problem["required"], "near"]
    return {"type": "object", "required": ["error"], "properties": {"error": problem}}
