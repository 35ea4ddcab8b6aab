"""The web console: one page, its scripts and its style, which ask the public API and nothing else."""
