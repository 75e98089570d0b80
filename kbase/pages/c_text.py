"""Prototypes as text: their parameters one by one."""


def split_parameters(text: str) -> list[str]:
    """The pieces of a parameter list, each with its comma: commas within parentheses separate nothing."""
    pieces, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            pieces.append(text[start : position + 1].strip())
            start = position + 1
    return [*pieces, text[start:].strip()]
