"""The web site and its JSON API over a knowledge base: `create_app` makes it, `serve` serves it."""

from kbase.web.application import create_app
from kbase.web.serving import serve

__all__ = ["create_app", "serve"]
