"""The database of one build: schema, writer, generations on disk, and the states loaded from it."""
