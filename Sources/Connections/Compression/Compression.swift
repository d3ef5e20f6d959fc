/// Packs and unpacks message bodies with zlib, bzip2, liblzma and libzstd.
///
/// Input is untrusted: whatever it is, output never grows beyond the limit given, and the C libraries' own memory is
/// bounded (liblzma to `xzMemory`, libzstd to a window of 2^`zstdWindowLog` bytes, the others by their formats).
package enum Compression {
    /// What `xz -9` needs to unpack, with a margin.
    static let xzMemory = 72 << 20
    /// libzstd's own limit for streams (`ZSTD_WINDOWLOG_LIMIT_DEFAULT` of zstd.h).
    static let zstdWindowLog = 27

    /// Unpacks exactly one compressed stream.
    ///
    /// Stops at the first byte beyond `maxBytes`, so a bomb costs what `maxBytes` costs, not its content.
    /// Several streams one after the other are refused, as is anything else behind the first.
    package static func decompress(
        _ format: Format,
        _ bytes: ArraySlice<UInt8>,
        maxBytes: Int
    ) throws(CompressionError) -> [UInt8] {
        let limit = max(0, maxBytes)
        switch format {
        case .zlib: return try unpack(ZlibDecoder(), bytes, limit)
        case .bzip2: return try unpack(Bzip2Decoder(), bytes, limit)
        case .xz: return try unpack(XZDecoder(), bytes, limit)
        case .zstd:
            try ZstdDecoder.checkDeclaredSize(bytes, limit)
            return try unpack(ZstdDecoder(), bytes, limit)
        }
    }

    /// As above, by the name a client gives the format (``Format/init(named:)``).
    package static func decompress(
        named name: String,
        _ bytes: ArraySlice<UInt8>,
        maxBytes: Int
    ) throws(CompressionError) -> [UInt8] {
        try decompress(Format(named: name), bytes, maxBytes: maxBytes)
    }

    /// Packs with the level that Python's modules use by default: 6, 9, 6 and 3, in the order of ``Format``.
    package static func compress(_ format: Format, _ bytes: ArraySlice<UInt8>) throws(CompressionError) -> [UInt8] {
        switch format {
        case .zlib: try packZlib(bytes)
        case .bzip2: try packBzip2(bytes)
        case .xz: try packXZ(bytes)
        case .zstd: try packZstd(bytes)
        }
    }
}
