"""The parts of support vector machines: linear ones, and those with a kernel, kept as arrays."""
