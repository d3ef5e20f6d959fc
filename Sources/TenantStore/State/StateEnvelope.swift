import Connections

/// How a document is spelled in Redis: one line of text, then the data.
///
///     <version> <encoding> <writer>\n<data>
///
/// The version is decimal, the encoding `plain` or `zstd`, and the writer 16 hex digits that one write drew: whoever
/// loses the answer to a write can see by it whether the write was carried out.
struct StateEnvelope: Hashable {
    enum Encoding: String { case plain, zstd }

    /// No header is longer (19 + 1 + 5 + 1 + 16 + 1).
    static let maxHeader = 64

    var version: Int
    var encoding: Encoding
    var writer: String

    /// What follows the version: scripts put that before it.
    ///
    /// Data is compressed where that makes it smaller.
    static func tail(of data: [UInt8], writer: String, compressAbove: Int) -> [UInt8] {
        var encoding = Encoding.plain
        var content = data[...]
        if data.count > compressAbove, let packed = try? Compression.compress(.zstd, content), packed.count < data.count
        {
            encoding = .zstd
            content = packed[...]
        }
        var tail: [UInt8] = []
        tail.reserveCapacity(content.count + 32)
        tail.append(UInt8(ascii: " "))
        tail.append(contentsOf: encoding.rawValue.utf8)
        tail.append(UInt8(ascii: " "))
        tail.append(contentsOf: writer.utf8)
        tail.append(UInt8(ascii: "\n"))
        tail.append(contentsOf: content)
        return tail
    }

    /// Reads a header; also says where the data begins.
    static func parse(_ bytes: ArraySlice<UInt8>, key: String) throws(StateError) -> (StateEnvelope, ArraySlice<UInt8>)
    {
        guard let end = bytes.prefix(maxHeader).firstIndex(of: UInt8(ascii: "\n")) else {
            throw .wrongData(key: key, reason: "it does not begin with a line of version, encoding and writer")
        }
        let fields = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ")
        guard fields.count == 3, let version = Int(fields[0]), version > 0 else {
            throw .wrongData(key: key, reason: "its first line is not version, encoding and writer")
        }
        guard let encoding = Encoding(rawValue: String(fields[1])) else {
            throw .wrongData(key: key, reason: "its encoding is neither plain nor zstd")
        }
        return (StateEnvelope(version: version, encoding: encoding, writer: String(fields[2])), bytes[(end + 1)...])
    }

    /// The data behind a header.
    func unpack(_ content: ArraySlice<UInt8>, key: String, maxBytes: Int) throws(StateError) -> [UInt8] {
        guard encoding == .zstd else { return Array(content) }
        do throws(CompressionError) {
            return try Compression.decompress(.zstd, content, maxBytes: maxBytes)
        } catch {
            throw .wrongData(key: key, reason: "\(error)")
        }
    }

    /// 16 hex digits that no other write has.
    static func newWriter() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
