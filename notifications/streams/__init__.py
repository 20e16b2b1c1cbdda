"""The inbox live: server-sent events from a process of their own, so that open streams hold no worker of the API.

`hub` knows who listens and looks for all of them at once; `writer` tells one client; `app` is the way in over HTTP;
`door` says who may listen, which only an app above knows.
"""
