"""How the portfolio of automatic training is learned: many configurations on tables by which no search is judged."""
