"""Text files that are larger than memory: read in windows of whole lines, from the beginning at each pass."""
