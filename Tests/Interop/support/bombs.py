"""Small bodies that unpack to something large: 512 MiB of spaces around a valid message, so only the size is wrong."""
import bz2
import lzma
import zlib

import zstandard

CHUNK = b" " * (1 << 22)
UNPACKED = 1 << 29


def packed(compressor, finish):
    parts = [compressor(b"[[2, 3], {}, null]")]
    parts += [compressor(CHUNK) for _ in range(UNPACKED // len(CHUNK))]
    return b"".join([*parts, finish()])


def zlib_bomb():
    made = zlib.compressobj(1)
    return packed(made.compress, made.flush)


def bz2_bomb():
    made = bz2.BZ2Compressor(9)
    return packed(made.compress, made.flush)


def xz_bomb():
    made = lzma.LZMACompressor(preset=0)
    return packed(made.compress, made.flush)


def zstd_bomb():
    made = zstandard.ZstdCompressor(level=1).compressobj()
    return packed(made.compress, made.flush)


#: Header value -> maker.
BOMBS = {"application/x-gzip": zlib_bomb, "application/x-bz2": bz2_bomb, "application/x-lzma": xz_bomb,
         "application/zstd": zstd_bomb}
