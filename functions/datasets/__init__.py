"""The data of models: files that arrive become versions, whose tables lie in parts."""
