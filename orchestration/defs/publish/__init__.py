"""Publish: marts, contract and pages."""
