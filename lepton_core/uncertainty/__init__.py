"""How sure a model is: probabilities that come true as often as they say, and intervals and sets around predictions.

Everything here is learnt from predictions of rows that the model in question was not trained on: those out of fold.
"""
