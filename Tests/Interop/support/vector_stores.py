"""Chroma by its REST API, as anybody may call it, in databases of a test's own."""
import json
import urllib.error
import urllib.request
import uuid


class Chroma:
    """One database, which no other test sees."""

    def __init__(self, address):
        self.address = address
        self.tenant = f"test-{uuid.uuid4().hex[:10]}"
        self.call("POST", "/tenants", {"name": self.tenant})
        self.call("POST", f"/tenants/{self.tenant}/databases", {"name": "main"})
        self.base = f"/tenants/{self.tenant}/databases/main/collections"

    @property
    def url(self):
        return f"{self.address.replace('http', 'chroma')}/{self.tenant}/main"

    def call(self, method, path, body=None):
        request = urllib.request.Request(f"{self.address}/api/v2{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def fill(self, name, points):
        """points: {id: vector}; the document of each is its id."""
        made = self.call("POST", self.base, {"name": name, "configuration": {"hnsw": {"space": "cosine"}}})
        self.call("POST", f"{self.base}/{made['id']}/upsert",
                  {"ids": list(points), "embeddings": list(points.values()), "documents": list(points),
                   "metadatas": [{"name": point} for point in points]})

    def everything(self):
        """{collection: {id: document}}"""
        found = {}
        for collection in self.call("GET", self.base):
            records = self.call("POST", f"{self.base}/{collection['id']}/get", {"include": ["documents"]})
            found[collection["name"]] = dict(zip(records["ids"], records["documents"]))
        return found
