"""The form in which the long texts are written: a code, then its text, then an empty line.

Texts are written wrapped, for the eyes of whoever edits them, and read as one run of words.
Invariant: no code occurs twice and none is without a text.
"""


def read_paragraphs(text: str) -> dict[str, str]:
    """Code -> text in one line of words.

    Raises:
    ValueError: a code comes twice, or has no text.
    """
    found: dict[str, str] = {}
    for block in text.strip().split("\n\n"):
        code, _, body = block.strip().partition("\n")
        if code in found or not body:
            raise ValueError(f"the text of {code} is there twice or empty")
        found[code] = " ".join(body.split())
    return found
