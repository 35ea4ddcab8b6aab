"""What is stored as records, how it is found, and how it is changed."""
