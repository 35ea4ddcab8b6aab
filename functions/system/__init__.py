"""Everything that is no step of a model's life: keys, runs, health, the algorithms, the sweep."""
