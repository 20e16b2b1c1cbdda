"""Who may do what: roles hold permissions, grants give roles to people, one evaluator answers `has_perm`."""
