"""The account calls of the contract, a module for each noun: parse, one domain call, answer."""
