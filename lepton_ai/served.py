"""What a model's address serves, and what it served before, as the platform tells it."""

from datetime import datetime

import msgspec

from lepton_core.evaluate import LabelRule


class Share(msgspec.Struct, frozen=True):
    """A share of the traffic: ``version`` gets ``weight`` of it; ``rule`` makes its labels, if one is set."""

    version: int
    weight: float
    rule: LabelRule | None = None


class Stint(msgspec.Struct, frozen=True):
    """A time, which has ended, in which ``version`` was served."""

    version: int
    since: datetime
    until: datetime


class Rollout(msgspec.Struct, frozen=True):
    """A version that is watched ``until`` then: if it fails, or is slow, ``before`` serves again.

    ``by`` began it. One that needs ``approval``, or is ``paused``, is not promoted by itself. It is the change of
    the history with this ``number``; of the ``bake_seconds`` that it is watched in all, ``seconds_left`` are to come.
    """

    version: int
    before: int
    began: datetime
    until: datetime
    by: str
    approval: bool = False
    paused: bool = False
    number: int = 0
    bake_seconds: float = 0.0
    seconds_left: float = 0.0

    def __str__(self) -> str:
        """What it waits for."""
        if self.paused:
            return f"version {self.version} is paused"
        after = ", then needs an approval" if self.approval else ""
        return f"version {self.version} is watched until {self.until:%Y-%m-%d %H:%M} UTC{after}"


class HistoryEntry(msgspec.Struct, frozen=True):
    """A change: what is served from ``at`` on (nothing, if the model is retired), ``by`` whose decision, and why."""

    at: datetime
    cause: str
    by: str
    routes: list[Share]
    reason: str = ""
    number: int = 0

    def __str__(self) -> str:
        """One line."""
        shares = " and ".join(f"version {one.version} ({one.weight:.0%})" for one in self.routes) or "nothing"
        why = f": {self.reason}" if self.reason else ""
        return f"{self.at:%Y-%m-%d %H:%M:%S} UTC  {self.cause} by {self.by}, serves {shares}{why}"


class RolloutEnd(msgspec.Struct, frozen=True):
    """How it ended that ``version`` was deployed, ``by`` whose decision, and for what ``reason``.

    ``state`` is 'promoted' (a canary that got all calls), 'stayed' (one that had them all, and keeps them), 'rolled
    back', 'replaced' (somebody deployed another one), or 'retired'.
    """

    state: str
    version: int
    by: str = ""
    reason: str = ""

    @property
    def serves(self) -> bool:
        """Whether the version has the calls now: what a pipeline wants to know."""
        return self.state in ("promoted", "stayed")

    def __str__(self) -> str:
        """One line."""
        was = {"stayed": "stays", "replaced": "was replaced by another", "retired": "is retired"}
        why = self.reason or (f"by {self.by}" if self.by and self.state != "stayed" else "")
        return f"version {self.version} {was.get(self.state, f'was {self.state}')}{f': {why}' if why else ''}"


class Deployment(msgspec.Struct, frozen=True):
    """The versions that are served under ``path``; ``address`` is the platform's own address.

    ``url`` is where to POST rows; None embedded, where only this process can call it. ``note`` says what a deployment
    left behind. ``since`` is when the version came to be served, ``earlier`` the times before, the latest first.
    ``rollout`` is the one that is under way; ``ended`` is how the last one did, of a deployment that was waited for.
    """

    model: str
    state: str
    path: str
    routes: list[Share]
    updated: datetime
    address: str = ""
    url: str | None = None
    note: str = ""
    since: datetime | None = None
    earlier: tuple[Stint, ...] = ()
    rollout: Rollout | None = None
    ended: RolloutEnd | None = None

    def __repr__(self) -> str:
        return f"<Deployment {self}>"

    def __str__(self) -> str:
        """One line."""
        end = "" if self.ended is None else f"; {self.ended}"
        if self.state != "serving":
            return f"{self.model} {self.state}{end}"
        shares = ", ".join(
            f"version {share.version}"
            + ("" if share.weight == 1 else f" ({share.weight:.0%})")
            + ("" if share.rule is None else f" (label: {share.rule})")
            for share in self.routes
        )
        note = f"; {self.note}" if self.note else ""
        if len(self.routes) > 1 and self.rollout is not None:
            note = f"; {self.rollout}{note}"
        return f"{self.model} serving {shares} at {self.url or self.address}{note}{end}"
