"""Ollama's own API (https://github.com/ollama/ollama/blob/main/docs/api.md)."""
import functools
import json
import time
from datetime import datetime, timezone

from . import engine
from .engine import Refused


def now():
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"


def model_call(answer):
    """A call that counts, can be told to misbehave, and whose mistakes are answered."""
    @functools.wraps(answer)
    def call(handler):
        behaviour = handler.faults.take(handler.path)
        abandoned = 0
        try:
            answer(handler, handler.read_json(), behaviour)
        except Refused as error:
            handler.send_json(error.status, {"error": error.message})
        except ValueError as error:
            handler.send_json(400, {"error": str(error)})
        except OSError:
            abandoned = 1
            raise
        finally:
            handler.faults.done(abandoned)
    return call


def timings(begin, prompt, answer):
    spent = time.perf_counter_ns() - begin
    return {"total_duration": spent, "load_duration": 1000, "prompt_eval_count": prompt, "prompt_eval_duration": spent // 4,
            "eval_count": answer, "eval_duration": spent // 2}


def speak(handler, body, behaviour, prompt, wrap, more):
    """Answers in one piece or line by line. `wrap` makes the part of a line that holds text."""
    begin = time.perf_counter_ns()
    tokens, reason, size = engine.said(body.get("model"), prompt, body.get("options") or {}, behaviour)
    streamed = body.get("stream", True)
    if handler.misbehave(behaviour, stream_begins=streamed):
        return
    head = {"model": body["model"]}

    def end():
        return {"done": True, "done_reason": reason, **more, **timings(begin, size, len(tokens))}

    if not streamed:
        for _ in tokens:
            time.sleep(behaviour["token_delay"])
        return handler.send_json(200, {**head, "created_at": now(), **wrap("".join(tokens)), **end()})

    def lines():
        for token in tokens:
            yield {**head, "created_at": now(), **wrap(token), "done": False}
        yield {**head, "created_at": now(), **wrap(""), **end()}

    handler.stream(behaviour, (json.dumps(line).encode() + b"\n" for line in lines()), "application/x-ndjson")


@model_call
def generate(handler, body, behaviour):
    prompt = body.get("prompt") or ""
    if not isinstance(prompt, str):
        raise Refused(400, "json: cannot unmarshal value into Go struct field GenerateRequest.prompt of type string")
    if not prompt:
        engine.known(body.get("model"), behaviour)
        return handler.send_json(200, {"model": body["model"], "created_at": now(), "response": "", "done": True,
                                       "done_reason": "load"})
    speak(handler, body, behaviour, (body.get("system") or "") + prompt, lambda text: {"response": text},
          {"context": [1, 2, 3]})


@model_call
def chat(handler, body, behaviour):
    messages = body.get("messages") or []
    if not isinstance(messages, list) or not all(isinstance(one, dict) and "role" in one for one in messages):
        raise Refused(400, "invalid message format")
    said = "\n".join(f"{one['role']}: {one.get('content', '')}" for one in messages)
    speak(handler, body, behaviour, said, lambda text: {"message": {"role": "assistant", "content": text}}, {})


@model_call
def embed(handler, body, behaviour):
    begin = time.perf_counter_ns()
    inputs = body.get("input", [])
    inputs = [inputs] if isinstance(inputs, str) else inputs
    vectors, tokens = engine.embedded(body.get("model"), inputs, behaviour, body.get("truncate", True))
    handler.faults.note_batch(len(inputs))
    if not handler.misbehave(behaviour):
        handler.send_json(200, {"model": body["model"], "embeddings": vectors, "load_duration": 1000,
                                "total_duration": time.perf_counter_ns() - begin, "prompt_eval_count": tokens})


def entries(handler):
    for name in handler.faults.report()["settings"]["models"]:
        family = "bert" if engine.is_embedding(name) else "llama"
        yield {"name": name, "model": name, "size": 45960996, "digest": "1b226e2802dbb772b5fc32a58f103ca1804ef7501331012de126ab22f67475ef",
               "details": {"parent_model": "", "format": "gguf", "family": family, "families": [family],
                           "parameter_size": "23M", "quantization_level": "F16"}}


def tags(handler):
    handler.send_json(200, {"models": [{**entry, "modified_at": "2026-01-01T00:00:00Z"} for entry in entries(handler)]})


def running(handler):
    handler.send_json(200, {"models": [{**entry, "expires_at": now(), "size_vram": 0} for entry in entries(handler)]})


def version(handler):
    handler.send_json(200, {"version": "0.5.7"})


ROUTES = {("POST", "/api/generate"): generate, ("POST", "/api/chat"): chat, ("POST", "/api/embed"): embed,
          ("GET", "/api/tags"): tags, ("GET", "/api/ps"): running, ("GET", "/api/version"): version}
