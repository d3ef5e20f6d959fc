extension Compression {
    /// A format that Debian's libraries offer.
    package enum Format: String, Sendable, Hashable, CaseIterable {
        /// A zlib stream (RFC 1950), which kombu calls gzip; a real gzip file (RFC 1952) is taken as well.
        case zlib
        case bzip2
        /// An `.xz` container, which kombu calls lzma.
        case xz
        case zstd

        /// The format of one of kombu's names for it (`kombu/compression.py`).
        ///
        /// Throws `CompressionError.unsupported` for others, e.g. brotli.
        package init(named name: String) throws(CompressionError) {
            switch name {
            case "application/x-gzip", "gzip", "zlib": self = .zlib
            case "application/x-bz2", "bzip2", "bzip": self = .bzip2
            case "application/x-lzma", "lzma", "xz": self = .xz
            case "application/zstd", "zstd", "zstandard": self = .zstd
            default: throw .unsupported(String(name.prefix(100)))
            }
        }
    }
}
