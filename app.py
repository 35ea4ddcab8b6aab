"""The Chalice app: the steps of a model's life, in order, then what is no step. No logic."""

from functions import create, deploy, evaluate, monitor, predict, protocols, retire, train, update, upload
from functions.console import pages
from functions.edge.app import LeptonApp
from functions.system import (
    algorithms,
    datasets,
    file_rows,
    health,
    imports,
    keys,
    lags,
    openapi,
    pick_up,
    plan_run,
    preprocessing,
    runs,
    scores,
    services,
    sessions,
    sweep,
    work_task,
)

app = LeptonApp(app_name="lepton")

for step in (create, upload, train, evaluate, deploy, predict, monitor, update, retire):
    app.register_blueprint(step.bp)

for part in (
    protocols,
    datasets,
    file_rows,
    imports,
    lags,
    runs,
    scores,
    sweep,
    pick_up,
    plan_run,
    work_task,
    keys,
    sessions,
    services,
    health,
    algorithms,
    preprocessing,
    openapi,
    pages,
):
    app.register_blueprint(part.bp)
