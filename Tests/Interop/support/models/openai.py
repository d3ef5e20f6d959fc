"""OpenAI's API as many servers speak it (https://platform.openai.com/docs/api-reference)."""
import functools
import json
import time

from . import engine
from .engine import Refused

OPTIONS = {"max_tokens": "num_predict", "max_completion_tokens": "num_predict", "seed": "seed", "temperature": "temperature",
           "top_p": "top_p"}


def refuse(handler, status, message, code=None):
    kind = "server_error" if status >= 500 else "invalid_request_error"
    handler.send_json(status, {"error": {"message": message, "type": kind, "param": None, "code": code}})


def authorized(handler, behaviour):
    return behaviour["api_key"] in (None, (handler.headers.get("Authorization") or "").removeprefix("Bearer "))


def model_call(answer):
    @functools.wraps(answer)
    def call(handler):
        behaviour = handler.faults.take(handler.path)
        abandoned = 0
        try:
            body = handler.read_json()
            if not authorized(handler, behaviour):
                return refuse(handler, 401, "Incorrect API key provided.", "invalid_api_key")
            answer(handler, body, behaviour)
        except Refused as error:
            refuse(handler, error.status, error.message, "model_not_found" if error.status == 404 else None)
        except ValueError as error:
            refuse(handler, 400, str(error))
        except OSError:
            abandoned = 1
            raise
        finally:
            handler.faults.done(abandoned)
    return call


def usage(prompt, answer):
    return {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}


def speak(handler, body, behaviour, prompt, kind, whole, part):
    options = {OPTIONS[name]: value for name, value in body.items() if name in OPTIONS and value is not None}
    tokens, reason, size = engine.said(body.get("model"), prompt, options, behaviour)
    streamed = body.get("stream", False)
    if handler.misbehave(behaviour, stream_begins=streamed):
        return
    head = {"id": "cmpl-1", "created": int(time.time()), "model": body["model"], "system_fingerprint": "fp_test"}
    if not streamed:
        for _ in tokens:
            time.sleep(behaviour["token_delay"])
        choice = {"index": 0, **whole("".join(tokens)), "finish_reason": reason}
        return handler.send_json(200, {**head, "object": kind, "choices": [choice], "usage": usage(size, len(tokens))})

    def events():
        for token in tokens:
            yield {**head, "choices": [{"index": 0, **part(token), "finish_reason": None}]}
        yield {**head, "choices": [{"index": 0, **part(""), "finish_reason": reason}]}
        if (body.get("stream_options") or {}).get("include_usage"):
            yield {**head, "choices": [], "usage": usage(size, len(tokens))}

    def encoded():
        for event in events():
            yield b"data: " + json.dumps({**event, "object": kind + ".chunk"}).encode() + b"\n\n"
        yield b"data: [DONE]\n\n"

    handler.stream(behaviour, encoded(), "text/event-stream")


@model_call
def chat(handler, body, behaviour):
    messages = body.get("messages")
    if not isinstance(messages, list) or not all(isinstance(one, dict) and "role" in one for one in messages):
        raise Refused(400, "invalid messages")
    said = "\n".join(f"{one['role']}: {one.get('content', '')}" for one in messages)
    speak(handler, body, behaviour, said, "chat.completion",
          lambda text: {"message": {"role": "assistant", "content": text}}, lambda text: {"delta": {"content": text}})


@model_call
def completions(handler, body, behaviour):
    prompt = body.get("prompt")
    if not isinstance(prompt, str):
        raise Refused(400, "prompt must be a string")
    speak(handler, body, behaviour, prompt, "text_completion", lambda text: {"text": text}, lambda text: {"text": text})


@model_call
def embeddings(handler, body, behaviour):
    inputs = body.get("input")
    inputs = [inputs] if isinstance(inputs, str) else inputs
    vectors, tokens = engine.embedded(body.get("model"), inputs, behaviour)
    handler.faults.note_batch(len(inputs))
    if not handler.misbehave(behaviour):
        handler.send_json(200, {"object": "list", "model": body["model"],
                                "data": [{"object": "embedding", "index": index, "embedding": vector}
                                         for index, vector in enumerate(vectors)],
                                "usage": {"prompt_tokens": tokens, "total_tokens": tokens}})


def models(handler):
    settings = handler.faults.report()["settings"]
    if not authorized(handler, settings):
        return refuse(handler, 401, "Incorrect API key provided.", "invalid_api_key")
    handler.send_json(200, {"object": "list", "data": [
        {"id": name, "object": "model", "created": 1700000000, "owned_by": "library"} for name in settings["models"]]})


ROUTES = {("POST", "/v1/chat/completions"): chat, ("POST", "/v1/completions"): completions,
          ("POST", "/v1/embeddings"): embeddings, ("GET", "/v1/models"): models}
