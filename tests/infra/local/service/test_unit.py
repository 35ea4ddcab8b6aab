"""The unit of systemd runs the very command, and restarts it only if it did not end by itself."""

from pathlib import Path

from infra.local.service.unit import unit


def test_it_says_what_runs_where() -> None:
    found = unit("churn", ["/usr/bin/python3", "-m", "lepton_ai", "serve", "a b%"], Path("/srv/my data"), 2.5)
    lines = found.splitlines()
    assert 'ExecStart=/usr/bin/python3 -m lepton_ai serve "a b%%"' in lines
    assert 'ReadWritePaths="/srv/my data"' in lines
    assert "Restart=on-failure" in lines
    assert "TimeoutStopSec=17" in lines
