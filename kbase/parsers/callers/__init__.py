"""Callers: where the code of a kernel calls its ops; a scanner of C files, and the document of what it found."""
