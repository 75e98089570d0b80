"""The build: plans what to read, parses it, writes the database and the search index, and swaps both in."""
