"""Nouns, pure rules, questions, the unit of work and the clock: all that stays true without a process engine."""
