"""The second factors over HTTP."""
