"""The runs of training, evaluation and update: their jobs, their data and their tasks."""
