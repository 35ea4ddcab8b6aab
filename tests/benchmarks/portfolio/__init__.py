"""How the portfolio of automatic training is learned: many configurations on tables by which nothing is judged."""
