"""The models behind both APIs."""
import threading

from . import text

LOCK = threading.Lock()
EMBEDDING = "all-minilm"
loaded = []


def full_name(name):
    return name if ":" in name else name + ":latest"


def is_embedding(name):
    return full_name(name).startswith(EMBEDDING)


def embed(ids):
    with LOCK:
        return model().embed_ids(ids).tolist()


def encode(texts):
    with LOCK:
        encoder = model().tokenizer
    return [encoder.encode(one) for one in texts]


def model():
    if not loaded:
        from .minilm import MiniLM
        loaded.append(MiniLM())
    return loaded[0]


class Refused(Exception):
    """An answer that is an error, with its HTTP status."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status, self.message = status, message


def known(name, behaviour):
    if not isinstance(name, str) or not name:
        raise Refused(400, "model is required")
    if full_name(name) not in behaviour["models"]:
        raise Refused(404, f"model '{name}' not found")
    return full_name(name)


def said(name, prompt, options, behaviour):
    """(tokens, reason, prompt tokens) of a generation."""
    known(name, behaviour)
    if is_embedding(name):
        raise Refused(400, f'"{name}" does not support generate')
    problem = text.option_error(options)
    if problem:
        raise Refused(400, problem)
    size = text.count(prompt)
    if size > behaviour["context"]:
        raise Refused(400, "the input length exceeds the context length")
    return *text.tokens(full_name(name), prompt, options), size


def embedded(name, inputs, behaviour, truncate=True):
    """(vectors, tokens) of texts."""
    known(name, behaviour)
    if not is_embedding(name):
        raise Refused(400, "this model does not support embeddings")
    if not isinstance(inputs, list) or not all(isinstance(one, str) for one in inputs):
        raise Refused(400, "invalid input type")
    ids = encode(inputs)
    if not truncate and any(len(one) > 254 for one in ids):
        raise Refused(400, "the input length exceeds the context length")
    return (embed(ids) if ids else []), sum(min(len(one), 254) + 2 for one in ids)
