"""The Chalice app: the steps of a model's life, in order. No logic."""

from functions import (
    create,
    deploy,
    evaluate,
    keys,
    meta,
    monitor,
    predict,
    retire,
    runs,
    sweep,
    train,
    update,
    upload,
    work,
)
from functions.edge.app import LeptonApp

app = LeptonApp(app_name="lepton")

for step in (
    create,
    upload,
    train,
    evaluate,
    deploy,
    predict,
    monitor,
    update,
    retire,
    runs,
    sweep,
    work,
    keys,
    meta,
):
    app.register_blueprint(step.bp)
