import Connections
import Testing

@Suite("Compression")
struct CompressionTests {
    private static let large = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }

    @Test("what Python packed unpacks to the same bytes", arguments: CompressionFixtures.bodies)
    func unpacksPython(_ packed: CompressionFixtures.Packed) throws {
        let body = CompressionFixtures.body
        #expect(try Compression.decompress(packed.format, packed.bytes[...], maxBytes: 1 << 20) == body)
        #expect(try Compression.decompress(packed.format, packed.bytes[...], maxBytes: body.count) == body)
    }

    @Test("an empty body is a body", arguments: CompressionFixtures.empties)
    func unpacksNothing(_ packed: CompressionFixtures.Packed) throws {
        #expect(try Compression.decompress(packed.format, packed.bytes[...], maxBytes: 0) == [])
    }

    @Test("a round trip changes nothing", arguments: Compression.Format.allCases)
    func roundTrip(_ format: Compression.Format) throws {
        for original in [[], [7], CompressionFixtures.body, Self.large] {
            let packed = try Compression.compress(format, original[...])
            #expect(try Compression.decompress(format, packed[...], maxBytes: original.count) == original)
        }
    }

    @Test("a slice is read from its own start", arguments: CompressionFixtures.bodies)
    func readsSlices(_ packed: CompressionFixtures.Packed) throws {
        let framed = [9, 9, 9] + packed.bytes + [9]
        let slice = framed[3..<(3 + packed.bytes.count)]
        #expect(try Compression.decompress(packed.format, slice, maxBytes: 1 << 20) == CompressionFixtures.body)
    }

    @Test("one byte too many is too large", arguments: CompressionFixtures.bodies)
    func refusesLargeOutput(_ packed: CompressionFixtures.Packed) {
        let limit = CompressionFixtures.body.count - 1
        #expect(throws: CompressionError.tooLarge(packed.format, maxBytes: limit)) {
            try Compression.decompress(packed.format, packed.bytes[...], maxBytes: limit)
        }
        #expect(throws: CompressionError.tooLarge(packed.format, maxBytes: 0)) {
            try Compression.decompress(packed.format, packed.bytes[...], maxBytes: -1)
        }
    }

    @Test("the names that kombu's clients send")
    func names() throws {
        let names: [(String, Compression.Format)] = [
            ("application/x-gzip", .zlib), ("gzip", .zlib), ("zlib", .zlib), ("application/x-bz2", .bzip2),
            ("bzip2", .bzip2), ("bzip", .bzip2), ("application/x-lzma", .xz), ("lzma", .xz), ("xz", .xz),
            ("application/zstd", .zstd), ("zstd", .zstd), ("zstandard", .zstd),
        ]
        for (name, format) in names { #expect(try Compression.Format(named: name) == format) }
    }

    @Test("an unknown format says what is supported")
    func refusesBrotli() {
        let error = #expect(throws: CompressionError.self) {
            try Compression.decompress(named: "application/x-brotli", [1, 2, 3], maxBytes: 10)
        }
        let text =
            "compression application/x-brotli is not supported; send one of zlib, bzip2, xz, zstd, or uncompressed"
        #expect(error?.description == text)
    }
}
