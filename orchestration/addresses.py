"""E-mail addresses in texts that are shown."""

import re

ADDRESS = re.compile(r'[^\s/;,:<>"]+@[^\s/;,<>"]+')


def without_addresses(text: str) -> str:
    """The text with e-mail addresses left out, as in the served tables.

    >>> without_addresses("cms/jo@example.org/2026.jsonl")
    'cms/(address)/2026.jsonl'
    """
    return ADDRESS.sub("(address)", text)
