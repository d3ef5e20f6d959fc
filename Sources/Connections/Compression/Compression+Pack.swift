import CCompression

extension Compression {
    static func packZlib(_ bytes: ArraySlice<UInt8>) throws(CompressionError) -> [UInt8] {
        let capacity = Int(compressBound(UInt(bytes.count)))
        return try pack(bytes, capacity) { input, output throws(CompressionError) in
            var size = UInt(output.count)
            let status = compress2(output.baseAddress, &size, input.baseAddress, UInt(input.count), 6)
            guard status == Z_OK else { throw .unpackable(.zlib, reason: "error \(status)") }
            return Int(size)
        }
    }

    static func packBzip2(_ bytes: ArraySlice<UInt8>) throws(CompressionError) -> [UInt8] {
        guard bytes.count <= Int(Int32.max) else { throw .unpackable(.bzip2, reason: "more than 2 GiB at once") }
        // bzlib.h: 1 % more than the input, plus 600 bytes, always suffices.
        return try pack(bytes, bytes.count + bytes.count / 100 + 601) { input, output throws(CompressionError) in
            var size = UInt32(output.count)
            let source = UnsafeMutableRawPointer(mutating: input.baseAddress)?.assumingMemoryBound(to: CChar.self)
            let target = UnsafeMutableRawPointer(output.baseAddress)?.assumingMemoryBound(to: CChar.self)
            // A null pointer would be refused even where there is nothing to read.
            let status = BZ2_bzBuffToBuffCompress(target, &size, source ?? target, UInt32(input.count), 9, 0, 0)
            guard status == BZ_OK else { throw .unpackable(.bzip2, reason: "error \(status)") }
            return Int(size)
        }
    }

    static func packXZ(_ bytes: ArraySlice<UInt8>) throws(CompressionError) -> [UInt8] {
        try pack(bytes, lzma_stream_buffer_bound(bytes.count)) { input, output throws(CompressionError) in
            var size = 0
            let status = lzma_easy_buffer_encode(
                6,
                LZMA_CHECK_CRC64,
                nil,
                input.baseAddress,
                input.count,
                output.baseAddress,
                &size,
                output.count
            )
            guard status == LZMA_OK else { throw .unpackable(.xz, reason: "error \(status.rawValue)") }
            return size
        }
    }

    static func packZstd(_ bytes: ArraySlice<UInt8>) throws(CompressionError) -> [UInt8] {
        try pack(bytes, ZSTD_compressBound(bytes.count)) { input, output throws(CompressionError) in
            let size = ZSTD_compress(output.baseAddress, output.count, input.baseAddress, input.count, 3)
            guard ZSTD_isError(size) == 0 else {
                throw .unpackable(.zstd, reason: String(cString: ZSTD_getErrorName(size)))
            }
            return size
        }
    }

    /// Calls a one-shot function of a library, which fills the start of a buffer of `capacity` and returns its size.
    private static func pack(
        _ bytes: ArraySlice<UInt8>,
        _ capacity: Int,
        _ body: (UnsafeBufferPointer<UInt8>, UnsafeMutableBufferPointer<UInt8>) throws(CompressionError) -> Int
    ) throws(CompressionError) -> [UInt8] {
        let output = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, capacity))
        defer { output.deallocate() }
        let size = try bytes.withUnsafeBufferPointer { input throws(CompressionError) in try body(input, output) }
        return Array(output[..<size])
    }
}
