"""The engine: values in, values out. No clock, no disk, no network, no randomness that was not passed in."""
