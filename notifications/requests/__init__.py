"""What callers may ask to be sent, by channel. `checking.checked` makes a request one that may be stored."""
