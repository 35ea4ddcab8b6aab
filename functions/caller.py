"""Who calls: a key, or the process itself, with its scopes in one workspace."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Caller:
    """Who calls: a key (or the process itself) with its scopes, in one workspace."""

    workspace: str
    key: str
    scopes: frozenset[str]
