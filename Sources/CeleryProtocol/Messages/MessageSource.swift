import OrderedCollections

/// What a message is decoded from: the bytes of its batch, and where its parts stand in them.
struct MessageSource {
    let bytes: [UInt8]
    let properties: Range<Int>
    let body: Range<Int>
    let raw: RawProperties
    let deliveryInfo: DeliveryInfo

    /// `application/json`, as two words.
    private static let json: (UInt64, UInt64) = (0x6170_706c_6963_6174, 0x696f_6e2f_6a73_6f6e)

    @inline(__always)
    static func isJSON(_ span: Span<UInt8>, _ type: Range<Int>?) -> Bool {
        guard let type, type.count == 16 else { return false }
        return TaskHeaderName.word(span, type.lowerBound, 8) == json.0
            && TaskHeaderName.word(span, type.lowerBound + 8, 8) == json.1
    }

    var contentType: ContentType { ContentType(mime: text(raw.contentType)) }

    func text(_ range: Range<Int>?) -> String? {
        guard let range, !range.isEmpty else { return nil }
        return AMQPTable.text(bytes, range)
    }
}
