"""`sphinx-build` that ends with the process that started it, and so do its own processes.

`python -m kbase.reference.sphinx_build PARENT ARGUMENTS`: the number of that process, and what `sphinx-build` takes.
"""

import sys

from sphinx.cmd.build import main

from kbase.sources.processes import tie_forks, tie_to

if __name__ == "__main__":
    tie_to(int(sys.argv[1]))
    tie_forks()
    sys.exit(main(sys.argv[2:]))
