"""E-mail addresses in texts that are shown."""

import re

ADDRESS = re.compile(
    r'[(][^\s/;,:<>"()]+@[^\s/;,<>"()]+[)]|[^\s/;,:<>"(][^\s/;,:<>"]*@[^\s/;,<>")]+'
)
"""One in brackets goes with both of them; a bracket that holds more than it stays whole."""


def without_addresses(text: str) -> str:
    """The text with e-mail addresses left out, as in the served tables.

    >>> without_addresses("cms/jo@example.org/2026.jsonl")
    'cms/(address)/2026.jsonl'
    >>> without_addresses("ask (jo@example.org), unknown type (cms jo@example.org)")
    'ask (address), unknown type (cms (address))'
    """
    return ADDRESS.sub("(address)", text)
