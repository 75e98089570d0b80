"""The read API over a database: the knowledge base, names, checks, export, and which version a document is like."""
