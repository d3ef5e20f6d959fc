import CCompression

/// liblzma's decoder for one `.xz` stream (lzma/container.h, `lzma_stream_decoder`).
struct XZDecoder: StreamDecoder, ~Copyable {
    static var format: Compression.Format { .xz }
    private let stream: UnsafeMutablePointer<lzma_stream>

    init() throws(CompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: lzma_stream())
        guard lzma_stream_decoder(stream, UInt64(Compression.xzMemory), 0) == LZMA_OK else {
            throw .tooMuchMemory(.xz)
        }
    }

    deinit {
        lzma_end(stream)
        stream.deallocate()
    }

    mutating func step(
        _ input: UnsafeBufferPointer<UInt8>,
        _ output: UnsafeMutableBufferPointer<UInt8>
    ) throws(CompressionError) -> StreamStep {
        stream.pointee.next_in = input.baseAddress
        stream.pointee.avail_in = input.count
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = output.count
        let status = lzma_code(stream, LZMA_RUN)
        switch status {
        case LZMA_OK, LZMA_STREAM_END, LZMA_BUF_ERROR: break
        case LZMA_MEM_ERROR, LZMA_MEMLIMIT_ERROR: throw .tooMuchMemory(.xz)
        case LZMA_FORMAT_ERROR: throw .malformed(.xz, reason: "it does not start as xz data does")
        case LZMA_OPTIONS_ERROR: throw .malformed(.xz, reason: "it uses filters that liblzma does not know")
        case LZMA_DATA_ERROR: throw .malformed(.xz, reason: "a checksum or a code in it is wrong")
        default: throw .malformed(.xz, reason: "error \(status.rawValue)")
        }
        return StreamStep(
            consumed: input.count - stream.pointee.avail_in,
            produced: output.count - stream.pointee.avail_out,
            ended: status == LZMA_STREAM_END
        )
    }
}
