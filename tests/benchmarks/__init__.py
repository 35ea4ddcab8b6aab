"""What is measured against scikit-learn; `make bench` runs it."""
