"""The scorecard and the quality report: single offline files made from the published marts."""
