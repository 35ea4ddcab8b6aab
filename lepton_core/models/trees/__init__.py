"""Decision trees: as arrays, checked, predicting and explained by numpy alone."""
