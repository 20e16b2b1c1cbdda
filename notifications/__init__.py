"""Getting word out to people: what was accepted, when it is due, how it was tried, what became of it.

Blind to accounts: a recipient is an address, a caller is an id, and the apps above declare their kinds.
"""
