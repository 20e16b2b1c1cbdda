"""What the calls about roles look like on the wire: one example for each body and answer of the published schema.

`kit.examples` makes them; here are the ids that several of them show.
"""

USER = "0193a5c8-7c1e-7b2a-9d4f-3e5a6b7c8d9e"
COLLEAGUE = "0193a5c9-2b1f-7d3c-8e5a-4f6b7c8d9eaf"
