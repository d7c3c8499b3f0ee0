"""Steelyard: leading indicators, each weighed against what balances it."""

__version__ = "0.1.0"
