"""What training, evaluation and update share: their jobs, their data and their tasks."""
