"""The pages: one frozen dataclass a page kind, made from the knowledge base.

HTML, JSON and the terminal render the same objects; nothing here knows how.
"""
