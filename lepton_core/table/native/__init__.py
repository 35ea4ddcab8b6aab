"""The hot loops of reading a text file and of counting words, compiled.

Each does what its twin in numpy does, and several times as fast. A wheel or an editable installation has them if there
was a C compiler when it was made; without them numpy does the work, and nothing else is different.
"""
