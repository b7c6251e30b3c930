"""
What the pages and the API show: frozen values, complete in themselves, with names already looked up.

The fold (`situation.py`) makes them; templates and `GET /v1/…` only lay them out. Instants are UTC;
the pages put them into the district's own time. Numbers of people add up in each of them.
"""
