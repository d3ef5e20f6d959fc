/// Why bytes could not be packed or unpacked.
package enum CompressionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// No library here knows the format of that name.
    case unsupported(String)
    /// The data is not of the format, or damaged; `reason` is the library's.
    case malformed(Compression.Format, reason: String)
    /// The data ends before the compressed stream does.
    case truncated(Compression.Format)
    /// So many bytes follow the end of the compressed stream.
    case trailingData(Compression.Format, bytes: Int)
    /// Unpacked, there are more bytes than allowed.
    case tooLarge(Compression.Format, maxBytes: Int)
    /// Unpacking needs more memory than the library may take, or than there is.
    case tooMuchMemory(Compression.Format)
    /// The library refused to pack; `reason` is the library's.
    case unpackable(Compression.Format, reason: String)

    package var description: String {
        switch self {
        case .unsupported(let name):
            let known = Compression.Format.allCases.map(\.rawValue).joined(separator: ", ")
            return "compression \(name) is not supported; send one of \(known), or uncompressed"
        case .malformed(let format, let reason): return "not valid \(format) data: \(reason)"
        case .truncated(let format): return "the \(format) data ends too early"
        case .trailingData(let format, let bytes): return "\(bytes) bytes follow the end of the \(format) data"
        case .tooLarge(let format, let maxBytes):
            return "the \(format) data unpacks to more than the \(maxBytes) bytes allowed"
        case .tooMuchMemory(let format):
            return "the \(format) data needs more memory to unpack than is allowed; use a lower compression level"
        case .unpackable(let format, let reason): return "can't compress as \(format): \(reason)"
        }
    }
}
