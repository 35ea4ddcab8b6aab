"""A blueprint of routes alone, as Chalice takes it in: a process that has no Chalice can import its handlers."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chalice.app import Chalice, Request

View = Callable[..., Any]


class Blueprint:
    """What `functions.edge.route` needs of a ``chalice.Blueprint``; one that schedules or is called by name is that."""

    def __init__(self) -> None:
        self._routes: list[tuple[str, dict[str, Any], View]] = []
        self._app: Chalice | None = None

    @property
    def current_request(self) -> "Request":
        """The request that this thread is answering. Raises ``RuntimeError`` if it answers none."""
        request = None if self._app is None else self._app.current_request
        if request is None:
            raise RuntimeError("no app answers a request of these routes")
        return request

    def route(self, path: str, **options: Any) -> Callable[[View], View]:
        """Keep a view for ``path`` until an app takes it in."""

        def keep(view: View) -> View:
            self._routes.append((path, options, view))
            return view

        return keep

    def register(self, app: "Chalice", options: dict[str, Any]) -> None:
        """Give all routes to ``app``, which calls this; see ``Chalice.register_blueprint``."""
        self._app = app
        for path, settings, view in self._routes:
            app.route(path, **settings)(view)
