"""The identity of a program: a hash of its code, of its libraries, and of Python."""

import os
import platform
from collections.abc import Iterable
from hashlib import sha256
from importlib import metadata
from pathlib import Path

# The libraries that parse, index or render.
LIBRARIES = ("docutils", "flask", "jinja2", "markupsafe", "msgspec", "rapidfuzz", "sphinx", "werkzeug", "whoosh3")


def fingerprint(parts: Iterable[Path]) -> str:
    """SHA-256, hex, of the files among `parts` and below its folders, and of the versions of libraries and Python.

    Of Python the whole version counts: its `html.parser` has changed in maintenance releases.
    """
    made_with = [platform.python_version(), *(f"{name} {metadata.version(name)}" for name in LIBRARIES)]
    digest = sha256("\n".join(made_with).encode())
    for part in parts:
        for file in [part] if part.is_file() else sorted(part.rglob("*")):
            if file.is_file() and file.suffix != ".pyc":
                digest.update(os.fsencode(file.name) + file.read_bytes())
    return digest.hexdigest()
