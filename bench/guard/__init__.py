"""Planted defects: how well the guard finds badly instrumented metrics, and how often it cries."""
