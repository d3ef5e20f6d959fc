import CCompression

/// libbz2's decoder (bzlib.h); needs at most 4 MiB.
struct Bzip2Decoder: StreamDecoder, ~Copyable {
    static var format: Compression.Format { .bzip2 }
    /// libbz2 keeps a pointer back to it, so it must not move.
    private let stream: UnsafeMutablePointer<bz_stream>

    init() throws(CompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: bz_stream())
        guard BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK else { throw .tooMuchMemory(.bzip2) }
    }

    deinit {
        BZ2_bzDecompressEnd(stream)
        stream.deallocate()
    }

    mutating func step(
        _ input: UnsafeBufferPointer<UInt8>,
        _ output: UnsafeMutableBufferPointer<UInt8>
    ) throws(CompressionError) -> StreamStep {
        stream.pointee.next_in = input.baseAddress.map {
            UnsafeMutableRawPointer(mutating: $0).assumingMemoryBound(to: CChar.self)
        }
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.baseAddress.map {
            UnsafeMutableRawPointer($0).assumingMemoryBound(to: CChar.self)
        }
        stream.pointee.avail_out = UInt32(output.count)
        let status = BZ2_bzDecompress(stream)
        switch status {
        case BZ_OK, BZ_STREAM_END: break
        case BZ_MEM_ERROR: throw .tooMuchMemory(.bzip2)
        case BZ_DATA_ERROR_MAGIC: throw .malformed(.bzip2, reason: "it does not start as bzip2 data does")
        case BZ_DATA_ERROR: throw .malformed(.bzip2, reason: "a checksum or a code in it is wrong")
        default: throw .malformed(.bzip2, reason: "error \(status)")
        }
        return StreamStep(
            consumed: input.count - Int(stream.pointee.avail_in),
            produced: output.count - Int(stream.pointee.avail_out),
            ended: status == BZ_STREAM_END
        )
    }
}
