"""Other ways to get mail out, each as its documentation shows it, for `bench.delivery_speed`."""
