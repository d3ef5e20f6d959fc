/// How a body is compressed, by the `compression` header (kombu `kombu/compression.py`).
public enum CompressionFormat: Sendable, Hashable, CaseIterable {
    /// A zlib stream (RFC 1950), although kombu calls it gzip.
    case zlib
    case bzip2
    case brotli
    /// An `.xz` container, although kombu calls it lzma.
    case xz
    case zstd

    /// The format that a header value or one of kombu's aliases names; nil if unknown.
    public init?(name: String) {
        switch name {
        case "application/x-gzip", "gzip", "zlib": self = .zlib
        case "application/x-bz2", "bzip2", "bzip": self = .bzip2
        case "application/x-brotli", "brotli": self = .brotli
        case "application/x-lzma", "lzma", "xz": self = .xz
        case "application/zstd", "zstd", "zstandard": self = .zstd
        default: return nil
        }
    }

    /// What the `compression` header says.
    public var headerValue: String {
        switch self {
        case .zlib: "application/x-gzip"
        case .bzip2: "application/x-bz2"
        case .brotli: "application/x-brotli"
        case .xz: "application/x-lzma"
        case .zstd: "application/zstd"
        }
    }
}

/// Unpacks a compressed body; throws if it is malformed, or larger than `maxBytes` once unpacked.
///
/// The module that links the C libraries supplies it.
public typealias Decompress =
    @Sendable (_ format: CompressionFormat, _ bytes: ArraySlice<UInt8>, _ maxBytes: Int) throws -> [UInt8]
