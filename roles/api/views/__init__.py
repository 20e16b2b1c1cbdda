"""The calls about permissions and roles, a module for each noun: parse, one domain call, answer."""
