"""What the test server "generates": words computed from model, prompt, seed and nothing else."""
import hashlib
import json

WORDS = ("chard leaf root stem soil rain sun seed row field harvest garden celery beet green red water light worker queue "
         "task result message lease shard store index vector token model").split()
MOST = 40


def tokens(model, prompt, options):
    """The words of the answer, each with its leading space as models have it, and why it ended: "stop" or "length"."""
    seed = hashlib.sha256(json.dumps([model, prompt, options.get("seed", 0)]).encode()).digest()
    wanted = 8 + seed[0] % (MOST - 8)
    found = [WORDS[hashlib.sha256(seed + bytes([index])).digest()[0] % len(WORDS)] for index in range(wanted)]
    found = [word if index == 0 else " " + word for index, word in enumerate(found)]
    limit = options.get("num_predict", -1)
    if 0 <= limit < len(found):
        return found[:limit], "length"
    return found, "stop"


def count(text):
    """Tokens of a prompt, near enough: its words."""
    return max(1, len(text.split()))


# What Ollama's api/types.go asks of the values; unknown names it only logs.
OPTION_KINDS = {
    **dict.fromkeys(("num_ctx", "num_batch", "num_gpu", "main_gpu", "num_thread", "num_keep", "seed", "num_predict",
                     "top_k", "repeat_last_n"), (int, "integer")),
    **dict.fromkeys(("top_p", "min_p", "typical_p", "temperature", "repeat_penalty", "presence_penalty",
                     "frequency_penalty"), ((int, float), "float32")),
    "stop": (list, "array"),
}


def option_error(options):
    if not isinstance(options, dict):
        return "json: cannot unmarshal value into Go struct field .options of type map[string]interface {}"
    for name, value in options.items():
        kind, said = OPTION_KINDS.get(name, (object, ""))
        if isinstance(value, bool) and kind is not object or not isinstance(value, kind):
            return f'option "{name}" must be of type {said}'
    return None
