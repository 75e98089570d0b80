"""A knowledge base and explorer of the Linux VFS documentation."""
