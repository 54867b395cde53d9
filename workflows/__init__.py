"""The policy: one file, one mechanism, with its article, papers, steps and duties."""
