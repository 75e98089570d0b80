"""`python -m kbase`: the command line."""

from kbase.cli import main

main()
