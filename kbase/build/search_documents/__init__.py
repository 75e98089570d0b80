"""What the search finds: the records of all versions as documents of the search index."""
