/// One of the C libraries' decoders, at work on one stream; freed with its owner.
protocol StreamDecoder: ~Copyable {
    static var format: Compression.Format { get }

    /// Unpacks from the start of `input` to the start of `output`, as far as either goes.
    ///
    /// The buffers are used during the call only. `input` may be empty, `output` may not. Neither holds more than
    /// `Int32.max` bytes.
    mutating func step(
        _ input: UnsafeBufferPointer<UInt8>,
        _ output: UnsafeMutableBufferPointer<UInt8>
    ) throws(CompressionError) -> StreamStep
}

/// What a decoder did in one step.
struct StreamStep {
    var consumed: Int
    var produced: Int
    /// Whether the end of the stream was reached.
    var ended: Bool
}
