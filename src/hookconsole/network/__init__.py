"""One POST to one judged address: URLs, addresses, resolving, connections, the httpx transport."""
