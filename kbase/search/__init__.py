"""Search over the records: documents, index, query language, ranking. The only package that imports `whoosh`.

Nothing is imported here: who shows results needs no index, and who answers queries needs no writer of one.
"""
