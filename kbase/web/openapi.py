"""The OpenAPI document of the JSON interface, made from the routes and their page dataclasses."""

from typing import Any

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.pages.parts import Link
from kbase.pages.route import PARTS, PREFIX, Parameter, Route, Words
from kbase.pages.routes import ROUTES
from kbase.pages.samples import samples
from kbase.pages.serialization import Json, schema
from kbase.search.results import Suggestion
from kbase.web.error_pages import Problem


def document(root: str, kb: KnowledgeBase) -> Json:
    """The OpenAPI 3.1 document, with examples from the knowledge base; `root` is the prefix of the whole site."""
    components: dict[str, Json] = {}
    found = samples(kb)
    paths = {route.pattern: {"get": _operation(route, components, found.get(route.name, {}))} for route in ROUTES}
    paths["/suggest"] = {"get": _suggest(components, found["suggest"])}
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


def _operation(route: Route, components: dict[str, Json], words: Words) -> Json:
    parameters = [_path_parameter(name, words) for name in route.parts]
    parameters += [_query_parameter(parameter, words) for parameter in route.query]
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


def _suggest(components: dict[str, Json], words: Words) -> Json:
    result = {"type": "array", "items": schema(Suggestion, components)}
    return {
        "operationId": "suggest",
        "summary": "names that begin like the text",
        "parameters": [_query_parameter(Parameter(name="q", about="what is being typed"), words)],
        "responses": {"200": _json("names", result), "default": _failure()},
    }


def _path_parameter(name: str, words: Words) -> Json:
    string: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 200}
    about: Json = {"name": name, "in": "path", "required": True, "description": PARTS[name], "schema": string}
    return about | _example(words.get(name))


def _query_parameter(parameter: Parameter, words: Words) -> Json:
    kind: Json = {"type": "integer", "minimum": 0, "maximum": 10_000} if parameter.number else {"type": "string"}
    if parameter.values:
        kind["enum"] = list(map(str, parameter.values))
    word = words.get(parameter.name)
    example = _example(int(word) if word and parameter.number else word)
    return {"name": parameter.name, "in": "query", "description": parameter.about, "schema": kind} | example


def _example(value: str | int | None) -> Json:
    return {} if value is None else {"example": value}


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
