"""Simulations that show what the product's own formulas do on data whose truth is known."""
