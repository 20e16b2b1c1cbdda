"""What every app's tests share."""
