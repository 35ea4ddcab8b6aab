"""Records: their kinds, how they are found, and how they are changed."""
