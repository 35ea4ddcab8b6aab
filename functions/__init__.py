"""The shell: one module a lifecycle step; each handler gathers, decides and applies."""
