/// The header names that decoding reads at once, recognised by their length and bytes without making a `String`.
///
/// A name of up to 8 bytes is one big-endian word; of a longer one the first 8 and the last 8 bytes are compared, which
/// covers all of it up to 16 bytes.
enum TaskHeaderName {
    case task, id, shadow, eta, expires, group, groupIndex, retries, timelimit, rootID, parentID, ignoreResult
    case compression, again

    /// The words of the names, first 8 bytes; of longer names also the last 8.
    enum Word {
        static let id: UInt64 = 0x6964
        static let eta: UInt64 = 0x65_7461
        static let task: UInt64 = 0x7461_736b
        static let group: UInt64 = 0x67_726f_7570
        static let shadow: UInt64 = 0x7368_6164_6f77
        static let expires: UInt64 = 0x65_7870_6972_6573
        static let retries: UInt64 = 0x72_6574_7269_6573
        static let rootID: UInt64 = 0x72_6f6f_745f_6964
        static let timelimit: (UInt64, UInt64) = (0x7469_6d65_6c69_6d69, 0x696d_656c_696d_6974)
        static let parentID: (UInt64, UInt64) = (0x7061_7265_6e74_5f69, 0x6172_656e_745f_6964)
        static let groupIndex: (UInt64, UInt64) = (0x6772_6f75_705f_696e, 0x7570_5f69_6e64_6578)
        static let compression: (UInt64, UInt64) = (0x636f_6d70_7265_7373, 0x7072_6573_7369_6f6e)
        /// `x-chard-again`
        static let again: (UInt64, UInt64) = (0x782d_6368_6172_642d, 0x7264_2d61_6761_696e)
        static let ignoreResult: (UInt64, UInt64) = (0x6967_6e6f_7265_5f72, 0x655f_7265_7375_6c74)
    }

    /// The name of `count` bytes at `start` in `span`; nil for every other header.
    @inline(__always)
    init?(_ span: Span<UInt8>, _ start: Int, _ count: Int) {
        let found: TaskHeaderName?
        switch count {
        case 2...8: found = Self.short(Self.word(span, start, count), count)
        case 9, 11, 13:
            found = Self.long(Self.word(span, start, 8), Self.word(span, start + count - 8, 8), count)
        default: found = nil
        }
        guard let found else { return nil }
        self = found
    }

    @inline(__always)
    private static func short(_ word: UInt64, _ count: Int) -> TaskHeaderName? {
        switch word {
        case Word.id: count == 2 ? .id : nil
        case Word.task: count == 4 ? .task : nil
        case Word.eta: count == 3 ? .eta : nil
        case Word.group: count == 5 ? .group : nil
        case Word.shadow: count == 6 ? .shadow : nil
        case Word.expires: count == 7 ? .expires : nil
        case Word.retries: count == 7 ? .retries : nil
        case Word.rootID: count == 7 ? .rootID : nil
        default: nil
        }
    }

    @inline(__always)
    private static func long(_ first: UInt64, _ last: UInt64, _ count: Int) -> TaskHeaderName? {
        switch first {
        case Word.timelimit.0: count == 9 && last == Word.timelimit.1 ? .timelimit : nil
        case Word.parentID.0: count == 9 && last == Word.parentID.1 ? .parentID : nil
        case Word.groupIndex.0: count == 11 && last == Word.groupIndex.1 ? .groupIndex : nil
        case Word.compression.0: count == 11 && last == Word.compression.1 ? .compression : nil
        case Word.again.0: count == 13 && last == Word.again.1 ? .again : nil
        case Word.ignoreResult.0: count == 13 && last == Word.ignoreResult.1 ? .ignoreResult : nil
        default: nil
        }
    }

    /// `count` (at most 8) bytes as one number.
    @inline(__always)
    static func word(_ span: Span<UInt8>, _ start: Int, _ count: Int) -> UInt64 {
        if start + 8 <= span.count {
            let part = span.extracting(start..<start + 8)
            let high = UInt64(part[0]) << 56 | UInt64(part[1]) << 48 | UInt64(part[2]) << 40 | UInt64(part[3]) << 32
            let low = UInt64(part[4]) << 24 | UInt64(part[5]) << 16 | UInt64(part[6]) << 8 | UInt64(part[7])
            let word = high | low
            return word >> UInt64(truncatingIfNeeded: 8 * (8 - count))
        }
        var word: UInt64 = 0
        for index in start..<start + count {
            word = word << 8 | UInt64(span[index])
        }
        return word
    }
}
