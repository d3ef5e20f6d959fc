extension Compression {
    /// The most that one step unpacks.
    private static let blockBytes = 64 << 10
    /// What the libraries' 32-bit counters can take.
    private static let maxInput = 1 << 30

    /// Drives a decoder over all of `bytes`.
    static func unpack<Decoder: StreamDecoder & ~Copyable>(
        _ decoder: consuming Decoder,
        _ bytes: ArraySlice<UInt8>,
        _ maxBytes: Int
    ) throws(CompressionError) -> [UInt8] {
        var decoder = decoder
        var output: [UInt8] = []
        let block = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: blockBytes)
        defer { block.deallocate() }
        let consumed = try bytes.withUnsafeBufferPointer { input throws(CompressionError) in
            try run(&decoder, input, block) { produced throws(CompressionError) in
                guard produced.count <= maxBytes - output.count else {
                    throw .tooLarge(Decoder.format, maxBytes: maxBytes)
                }
                append(produced, to: &output, maxBytes)
            }
        }
        guard consumed == bytes.count else {
            throw .trailingData(Decoder.format, bytes: bytes.count - consumed)
        }
        return output
    }

    /// Steps until the stream ends; returns how much of `input` it took.
    private static func run<Decoder: StreamDecoder & ~Copyable>(
        _ decoder: inout Decoder,
        _ input: UnsafeBufferPointer<UInt8>,
        _ block: UnsafeMutableBufferPointer<UInt8>,
        _ take: (UnsafeBufferPointer<UInt8>) throws(CompressionError) -> Void
    ) throws(CompressionError) -> Int {
        var consumed = 0
        while true {
            let rest = UnsafeBufferPointer(rebasing: input[consumed..<min(input.count, consumed + maxInput)])
            let step = try decoder.step(rest, block)
            consumed += step.consumed
            try take(UnsafeBufferPointer(rebasing: block[..<step.produced]))
            if step.ended { return consumed }
            guard step.consumed > 0 || step.produced > 0 else {
                throw consumed == input.count
                    ? .truncated(Decoder.format) : .malformed(Decoder.format, reason: "the decoder makes no progress")
            }
        }
    }

    /// Grows the output to twice its size, but never beyond the limit.
    private static func append(_ block: UnsafeBufferPointer<UInt8>, to output: inout [UInt8], _ maxBytes: Int) {
        let needed = output.count + block.count
        if needed > output.capacity {
            output.reserveCapacity(min(maxBytes, max(needed, output.capacity.multipliedClamped(by: 2))))
        }
        output.append(contentsOf: block)
    }
}

extension Int {
    fileprivate func multipliedClamped(by factor: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? .max : product
    }
}
