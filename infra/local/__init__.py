"""The platform on one machine: the gateway, the server, the schedules and the stores put together."""
