"""Configuration of the documentation site. `make docs` builds it with a database of the bundled corpus."""

from importlib.metadata import version as version_of

project = author = "kbase"
version = release = version_of("kbase")
extensions = ["kbase.sphinx"]
kbase_version = "v6.8.1"
html_theme = "furo"
html_title = f"kbase {version}"
html_show_copyright = html_show_sourcelink = False
html_static_path = ["static"]
html_css_files = ["wide.css"]
