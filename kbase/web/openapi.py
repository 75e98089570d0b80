"""The OpenAPI document of the JSON API, made from the routes and their page dataclasses."""

from kbase.knowledge.knowledge_base import KnowledgeBase
from kbase.pages.json_api import example_addresses
from kbase.pages.parts import Link
from kbase.pages.route import PREFIX, Parameter, Route, Words
from kbase.pages.routes import LARGEST_OFFSET, ROUTES, words_at
from kbase.pages.serialization import Json, schemas
from kbase.search.results import Suggestion
from kbase.web.error_pages import Problem

SUGGEST = Parameter(name="q", about="the text in the search box")


def document(root: str, kb: KnowledgeBase) -> Json:
    """The OpenAPI 3.1 document, with examples from the knowledge base; `root` is the prefix of the whole site."""
    types = [*(route.page for route in ROUTES), tuple[Suggestion, ...], Problem, Link]
    (*pages, suggestions, _, link), components = schemas(types)
    examples = {name: words_at(address) for name, address in example_addresses(kb).items()}
    paths = {
        route.pattern: {"get": _operation(route, page, examples.get(route.name, {}))}
        for route, page in zip(ROUTES, pages, strict=True)
    }
    paths["/suggest"] = {
        "get": {
            "operationId": "suggest",
            "summary": "names that begin like the text",
            "parameters": [_parameter(SUGGEST, {"q": "d_reval"})],
            "responses": {"200": _json("names", suggestions), "default": _failure()},
        }
    }
    problem = components.pop("Problem")
    problem["properties"]["near"] = {"type": "array", "items": link}
    problem["required"].append("near")
    components["Error"] = {"type": "object", "required": ["error"], "properties": {"error": problem}}
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


def _operation(route: Route, page: Json, words: Words) -> Json:
    return {
        "operationId": route.name,
        "summary": route.about,
        "parameters": [_parameter(each, words) for each in route.parameters],
        "responses": {
            "200": _json(route.about, page),
            "302": {"description": "the canonical address, where a version is written in another form"},
            "default": _failure(),
        },
    }


def _parameter(parameter: Parameter, words: Words) -> Json:
    kind: Json = {"type": "string"}
    if parameter.required:
        kind |= {"minLength": 1, "maxLength": 200}
    if parameter.number:
        kind = {"type": "integer", "minimum": 0, "maximum": LARGEST_OFFSET}
    if parameter.values:
        kind["enum"] = list(map(str, parameter.values))
    about: Json = {"name": parameter.name, "in": "path" if parameter.required else "query", "schema": kind}
    about |= {"description": parameter.about, "required": parameter.required}
    return about | ({"example": words[parameter.name]} if parameter.name in words else {})


def _json(description: str, content: Json) -> Json:
    return {"description": description, "content": {"application/json": {"schema": content}}}


def _failure() -> Json:
    return _json("the error", {"$ref": "#/components/schemas/Error"})
