"""A video becomes an explained score: locate, encode, compare with exemplars, break down, doubt."""
