"""The hot loops of reading a text file, compiled: each does what its twin in numpy does, and several times as fast.

A wheel or an editable installation has them if there was a C compiler when it was made; without them files are read by
numpy, and nothing else is different.
"""
