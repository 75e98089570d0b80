"""The values that everything else is about: records, versions, and states (what the documents of a version say)."""
