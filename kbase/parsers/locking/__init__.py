"""The parser of Locking documents, and of the many forms that their tables have."""
