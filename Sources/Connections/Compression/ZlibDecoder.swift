import CCompression

/// zlib's inflate, for zlib and gzip headers (zlib.h, `inflateInit2`).
struct ZlibDecoder: StreamDecoder, ~Copyable {
    static var format: Compression.Format { .zlib }
    /// zlib keeps a pointer back to it, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>

    init() throws(CompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // The largest window, plus 32: tell zlib from gzip by the header.
        let status = inflateInit2_(stream, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else { throw .tooMuchMemory(.zlib) }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    mutating func step(
        _ input: UnsafeBufferPointer<UInt8>,
        _ output: UnsafeMutableBufferPointer<UInt8>
    ) throws(CompressionError) -> StreamStep {
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        let status = inflate(stream, Z_NO_FLUSH)
        switch status {
        case Z_OK, Z_STREAM_END, Z_BUF_ERROR: break
        case Z_MEM_ERROR: throw .tooMuchMemory(.zlib)
        case Z_NEED_DICT: throw .malformed(.zlib, reason: "it needs a preset dictionary")
        default:
            throw .malformed(.zlib, reason: stream.pointee.msg.map { String(cString: $0) } ?? "error \(status)")
        }
        return StreamStep(
            consumed: input.count - Int(stream.pointee.avail_in),
            produced: output.count - Int(stream.pointee.avail_out),
            ended: status == Z_STREAM_END
        )
    }
}
