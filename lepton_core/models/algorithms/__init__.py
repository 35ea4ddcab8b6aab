"""One file an algorithm. Each defines ``ALGORITHM``, and by lying here it is registered."""
