"""Assessment: instruments as data, filled sheets, their scores, and the advice on admission that follows."""
