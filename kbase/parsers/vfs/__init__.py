"""The parser of the vfs document."""
