"""kombu knows zstd only with the package backports.zstd; the tests' environment has `zstandard`: the same format."""
from kombu import compression
import zstandard


def register():
    try:
        compression.get_encoder("zstd")
    except KeyError:
        compression.register(zstandard.ZstdCompressor().compress, zstandard.ZstdDecompressor().decompress,
                             "application/zstd", aliases=["zstd", "zstandard"])
