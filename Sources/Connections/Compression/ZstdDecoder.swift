import CCompression

/// libzstd's decoder for one frame (zstd.h, `ZSTD_decompressStream`).
struct ZstdDecoder: StreamDecoder, ~Copyable {
    static var format: Compression.Format { .zstd }
    private let context: OpaquePointer

    init() throws(CompressionError) {
        guard let context = ZSTD_createDCtx() else { throw .tooMuchMemory(.zstd) }
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Int32(Compression.zstdWindowLog))
        self.context = context
    }

    deinit {
        ZSTD_freeDCtx(context)
    }

    /// Refuses a frame that says by itself that it is too large.
    static func checkDeclaredSize(_ bytes: ArraySlice<UInt8>, _ maxBytes: Int) throws(CompressionError) {
        let declared = bytes.withUnsafeBytes { ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
        // The two highest values stand for unknown and for an error, which the decoder then finds.
        guard declared < UInt64.max - 1, declared > UInt64(maxBytes) else { return }
        throw .tooLarge(.zstd, maxBytes: maxBytes)
    }

    mutating func step(
        _ input: UnsafeBufferPointer<UInt8>,
        _ output: UnsafeMutableBufferPointer<UInt8>
    ) throws(CompressionError) -> StreamStep {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let status = ZSTD_decompressStream(context, &target, &source)
        guard ZSTD_isError(status) == 0 else {
            let reason = String(cString: ZSTD_getErrorName(status))
            throw reason.contains("memory") ? .tooMuchMemory(.zstd) : .malformed(.zstd, reason: reason)
        }
        // Zero says that the frame is complete and all of it was put out.
        return StreamStep(consumed: source.pos, produced: target.pos, ended: status == 0)
    }
}
