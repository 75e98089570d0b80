"""The command line: a command parses its arguments, calls one library function, prints.

Data goes to standard output, everything else to standard error. Exit status: 0 fine; 1 differences or findings, if
`--exit-code` asks for it; 2 an error in the call, in the input, or of the system.
"""

from kbase.cli.group import COMMANDS, cli
from kbase.cli.run import main

__all__ = ["COMMANDS", "cli", "main"]
