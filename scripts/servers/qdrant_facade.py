"""Qdrant's REST API over Qdrant's own engine, because its server is in no package that can be had here.

The engine is real: qdrant-edge-py is one shard of Qdrant (storage, write-ahead log, HNSW, filters). The HTTP around it is
ours, and is therefore held to Qdrant's published OpenAPI document (qdrant-openapi.json, cut down to what is served here;
Apache-2.0): every request is checked against it, 400 on any departure, and so is every answer, 500 on any departure. What
is not served answers 501. A collection is one shard of dense vectors; it survives a kill.

    qdrant_facade.py PORT FOLDER OPENAPI
"""
import http.server
import json
import re
import shutil
import sys
import threading
import time
import traceback
import urllib.parse
import uuid
from pathlib import Path

import jsonschema
import qdrant_edge as edge


class Refused(Exception):
    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


def not_served(what):
    raise Refused(501, f"not served here: {what}")


def allow(given, *known):
    """Refuses what would otherwise be ignored in silence."""
    for key, value in (given or {}).items():
        if value is not None and key not in known:
            not_served(key)


class OpenAPI:
    """Checks bodies against the document. OpenAPI 3.0 says `nullable`, JSON Schema says type null."""

    def __init__(self, path):
        document = json.loads(path.read_text())
        self.components = {"components": {"schemas": self.plain(document["components"]["schemas"])}}
        self.paths = [(re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template) + r"\Z"), template, operations)
                      for template, operations in sorted(document["paths"].items(), key=lambda item: item[0].count("{"))]
        self.validators = {}

    @classmethod
    def plain(cls, node):
        if isinstance(node, list):
            return [cls.plain(item) for item in node]
        if not isinstance(node, dict):
            return node
        rest = {key: cls.plain(value) for key, value in node.items() if key != "nullable"}
        if node.get("nullable") is not True:
            return rest
        return {"anyOf": [rest, {"type": "null"}]} if rest.keys() - {"description"} else {"type": "null"}

    def find(self, path):
        for pattern, template, operations in self.paths:
            found = pattern.match(path)
            if found:
                names = {key: urllib.parse.unquote(value) for key, value in found.groupdict().items()}
                return template, names, operations
        raise Refused(404, f"{path} is not in the OpenAPI document")

    def objection(self, schema, value):
        key = json.dumps(schema, sort_keys=True)
        if key not in self.validators:
            self.validators[key] = jsonschema.Draft7Validator({**self.plain(schema), **self.components})
        worst = jsonschema.exceptions.best_match(self.validators[key].iter_errors(value))
        return f"{worst.json_path}: {worst.message[:300]}" if worst else None


# --- between REST and the engine -----------------------------------------------------------------------------------------

def engine_id(value):
    return value if isinstance(value, int) else uuid.UUID(value)


def rest_id(value):
    return value if isinstance(value, int) else str(value)


MATCHES = {"value": edge.MatchValue, "any": edge.MatchAny, "except": edge.MatchExcept, "text": edge.MatchText}


def condition(rest):
    if "has_id" in rest:
        return edge.HasIdCondition({engine_id(value) for value in rest["has_id"]})
    if "is_empty" in rest:
        return edge.IsEmptyCondition(rest["is_empty"]["key"])
    if "is_null" in rest:
        return edge.IsNullCondition(rest["is_null"]["key"])
    if "key" not in rest:
        return engine_filter(rest)
    allow(rest, "key", "match", "range")
    match, within = rest.get("match"), rest.get("range")
    if match:
        (kind, value), = match.items()
        match = MATCHES[kind](value) if kind in MATCHES else not_served(f"match {kind}")
    if within:
        dates = any(isinstance(value, str) for value in within.values())
        within = (edge.RangeDateTime if dates else edge.RangeFloat)(**within)
    return edge.FieldCondition(rest["key"], match=match, range=within)


def engine_filter(rest):
    if not rest:
        return None
    allow(rest, "must", "should", "must_not")

    def clause(name):
        value = rest.get(name)
        if value is None:
            return None
        return [condition(item) for item in (value if isinstance(value, list) else [value])]

    return edge.Filter(must=clause("must"), should=clause("should"), must_not=clause("must_not"))


def payload(value):
    return value if value is None or isinstance(value, (bool, list)) else not_served("payload selector")


def rest_record(found):
    return {"id": rest_id(found.id), "payload": found.payload, "vector": found.vector}


# --- collections ---------------------------------------------------------------------------------------------------------

class Collection:
    """One shard, and beside it the body it was created with."""

    def __init__(self, folder, body=None):
        self.folder, self.operations = folder, 0
        if body is None:
            self.body = json.loads((folder / "created.json").read_text())
            self.shard = edge.EdgeShard.load(str(folder / "shard"))
            return
        allow(body, "vectors", "hnsw_config", "shard_number", "replication_factor", "write_consistency_factor")
        vectors = body["vectors"]
        if "size" not in vectors:
            not_served("named vectors")
        allow(vectors, "size", "distance", "on_disk")
        self.body = body
        (folder / "shard").mkdir(parents=True)
        parameters = edge.EdgeVectorParams(vectors["size"], getattr(edge.Distance, vectors["distance"]))
        self.shard = edge.EdgeShard.create(str(folder / "shard"), edge.EdgeConfig(vectors=parameters))
        (folder / "created.json").write_text(json.dumps(body))         # last: without it the folder is no collection

    def update(self, operation):
        self.shard.update(operation)
        self.operations += 1
        return {"operation_id": self.operations, "status": "completed"}

    def describe(self):
        info = self.shard.info()
        return {
            "status": "green", "optimizer_status": "ok", "segments_count": info.segments_count,
            "points_count": self.shard.count(edge.CountRequest()), "indexed_vectors_count": info.indexed_vectors_count,
            "config": {
                "params": {"vectors": self.body["vectors"]},
                "hnsw_config": {"m": 16, "ef_construct": 100, "full_scan_threshold": 10000},
                "optimizer_config": {"deleted_threshold": 0.2, "vacuum_min_vector_number": 1000,
                                     "default_segment_number": 0, "flush_interval_sec": 5},
            },
            "payload_schema": {},
        }


class Collections:
    """What the routes do; a route is a method and a path of the OpenAPI document."""

    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.all = folder, {}
        for found in folder.iterdir():
            if (found / "created.json").exists():
                self.all[urllib.parse.unquote(found.name)] = Collection(found)
            else:
                shutil.rmtree(found)
        one = "/collections/{collection_name}"
        self.routes = {
            ("get", "/"): lambda names, body: {"title": "qdrant facade over qdrant-edge", "version": "1.20.0"},
            ("get", "/healthz"): lambda names, body: "healthz check passed",
            ("get", "/readyz"): lambda names, body: "all shards are ready",
            ("get", "/collections"): lambda names, body: {"collections": [{"name": name} for name in self.all]},
            ("put", one): self.create, ("get", one): lambda names, body: self.find(names).describe(),
            ("delete", one): self.drop,
            ("get", one + "/exists"): lambda names, body: {"exists": names["collection_name"] in self.all},
            ("put", one + "/points"): self.upsert, ("post", one + "/points"): self.retrieve,
            ("get", one + "/points/{id}"): self.one_point, ("post", one + "/points/query"): self.query,
            ("post", one + "/points/scroll"): self.scroll, ("post", one + "/points/count"): self.count,
            ("post", one + "/points/delete"): self.delete,
        }

    def find(self, names):
        if names["collection_name"] not in self.all:
            raise Refused(404, f"Not found: Collection `{names['collection_name']}` doesn't exist!")
        return self.all[names["collection_name"]]

    def create(self, names, body):
        name = names["collection_name"]
        if name in self.all:
            raise Refused(409, f"Wrong input: Collection `{name}` already exists!")
        self.all[name] = Collection(self.folder / urllib.parse.quote(name, safe=""), body)
        return True

    def drop(self, names, body):
        found = self.all.pop(names["collection_name"], None)
        if found:
            (found.folder / "created.json").unlink()
            found.shard.close()
            shutil.rmtree(found.folder)
        return bool(found)

    def upsert(self, names, body):
        allow(body, "points")
        points = [edge.Point(engine_id(point["id"]), point["vector"], point.get("payload")) for point in body["points"]]
        return self.find(names).update(edge.UpdateOperation.upsert_points(points))

    def query(self, names, body):
        allow(body, "query", "filter", "limit", "offset", "with_payload", "with_vector", "score_threshold")
        wanted = body.get("query")
        if isinstance(wanted, dict) and set(wanted) == {"nearest"}:
            wanted = wanted["nearest"]
        if not isinstance(wanted, list):
            not_served("a query that is no vector")
        found = self.find(names).shard.query(edge.QueryRequest(
            query=edge.Query.Nearest(wanted, None), filter=engine_filter(body.get("filter")), limit=body.get("limit") or 10,
            offset=body.get("offset") or 0, with_payload=payload(body.get("with_payload", False)),
            with_vector=body.get("with_vector", False), score_threshold=body.get("score_threshold")))
        return {"points": [{**rest_record(hit), "version": hit.version, "score": hit.score} for hit in found]}

    def scroll(self, names, body):
        allow(body, "offset", "limit", "filter", "with_payload", "with_vector")
        offset = body.get("offset")
        found, following = self.find(names).shard.scroll(edge.ScrollRequest(
            offset=None if offset is None else engine_id(offset), limit=body.get("limit") or 10,
            filter=engine_filter(body.get("filter")), with_payload=payload(body.get("with_payload", True)),
            with_vector=body.get("with_vector", False)))
        page = None if following is None else rest_id(following)
        return {"points": [rest_record(record) for record in found], "next_page_offset": page}

    def retrieve(self, names, body):
        allow(body, "ids", "with_payload", "with_vector")
        ids = [engine_id(value) for value in body["ids"]]
        found = self.find(names).shard.retrieve(ids, payload(body.get("with_payload", True)), body.get("with_vector", False))
        return [rest_record(record) for record in found]

    def one_point(self, names, body):
        value = names["id"]
        found = self.retrieve(names, {"ids": [int(value) if value.isdigit() else value], "with_vector": True})
        if not found:
            raise Refused(404, f"Not found: Point with id {value} does not exists!")
        return found[0]

    def count(self, names, body):
        allow(body, "exact", "filter")
        request = edge.CountRequest(exact=body.get("exact", True), filter=engine_filter(body.get("filter")))
        return {"count": self.find(names).shard.count(request)}

    def delete(self, names, body):
        allow(body, "points", "filter")
        if body.get("points"):
            operation = edge.UpdateOperation.delete_points([engine_id(value) for value in body["points"]])
        else:
            operation = edge.UpdateOperation.delete_points_by_filter(engine_filter(body.get("filter")) or edge.Filter())
        return self.find(names).update(operation)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    api = collections = None
    lock = threading.Lock()

    def serve(self):
        begin = time.time()
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            return self.give(*self.result(self.command.lower(), urllib.parse.urlsplit(self.path), body), begin)
        except json.JSONDecodeError as error:
            status, text = 400, f"Format error in JSON body: {error}"
        except Refused as error:
            status, text = error.status, str(error)
        except Exception as error:                            # the engine's own: a wrong width, a bad filter
            traceback.print_exc()
            status, text = 400, f"Wrong input: {error}"
        self.fail(status, text, begin)

    def result(self, method, url, raw):
        template, names, operations = self.api.find(url.path)
        operation = operations.get(method)
        if operation is None:
            raise Refused(405, f"no {method} {template} in the OpenAPI document")
        known = {item["name"] for item in operation.get("parameters", []) if item["in"] == "query"}
        unknown = set(urllib.parse.parse_qs(url.query, keep_blank_values=True)) - known
        if unknown:
            raise Refused(400, f"unknown query parameters {sorted(unknown)}")
        body = json.loads(raw) if raw else None
        if "requestBody" in operation:
            wrong = self.api.objection(operation["requestBody"]["content"]["application/json"]["schema"], body)
            if wrong:
                raise Refused(400, f"Format error in JSON body: {wrong}")
        route = self.collections.routes.get((method, template)) or not_served(f"{method} {template}")
        with self.lock:
            return route(names, body), operation, template

    def give(self, result, operation, template, begin):
        declared = operation["responses"]["200"].get("content", {})
        if "application/json" not in declared:
            return self.send(200, str(result).encode(), "text/plain")
        answer = result if template == "/" else {"result": result, "status": "ok", "time": time.time() - begin}
        wrong = self.api.objection(declared["application/json"]["schema"], answer)
        if wrong:
            return self.fail(500, f"the facade broke the OpenAPI document: {wrong}", begin)
        self.send(200, json.dumps(answer).encode(), "application/json")

    def fail(self, status, text, begin):
        answer = {"status": {"error": text}, "time": time.time() - begin, "result": None}
        self.send(status, json.dumps(answer).encode(), "application/json")

    def send(self, status, data, kind):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = serve

    def log_message(self, form, *words):
        print(form % words, flush=True)


if __name__ == "__main__":
    port, folder, document = sys.argv[1:]
    Handler.api, Handler.collections = OpenAPI(Path(document)), Collections(Path(folder))
    http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
