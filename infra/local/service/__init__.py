"""A server of one model: the light host, which needs neither Chalice nor what trains."""
