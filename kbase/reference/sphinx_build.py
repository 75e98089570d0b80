"""Runs Sphinx for `write`: `python -m kbase.reference.sphinx_build ARGUMENTS`, as `sphinx-build` takes them.

The processes that Sphinx forks end with it.
"""

import sys

from sphinx.cmd.build import main

from kbase.processes import tie_forks

if __name__ == "__main__":
    tie_forks()
    sys.exit(main(sys.argv[1:]))
