import Connections
import Foundation
import Testing

/// One at a time, because they measure the process's memory.
@Suite("Compression: bombs", .serialized)
struct CompressionBombTests {
    private static let limit = 16 << 20

    @Test("1 GiB of zeros stops at the limit, in time and memory", arguments: CompressionFixtures.bombs)
    func bombs(_ bomb: CompressionFixtures.Packed) throws {
        try #require(bomb.bytes.count > 500)
        let before = try Self.peakMemory()
        let duration = ContinuousClock().measure {
            #expect(throws: CompressionError.tooLarge(bomb.format, maxBytes: Self.limit)) {
                try Compression.decompress(bomb.format, bomb.bytes[...], maxBytes: Self.limit)
            }
        }
        #expect(duration < .seconds(5))
        // The limit, and what other tests take meanwhile; never 1 GiB.
        #expect(try Self.peakMemory() - before < 256 << 20)
    }

    @Test("a size that the data declares is refused before anything is unpacked")
    func declaredSize() throws {
        let bomb = try #require(CompressionFixtures.bombs.last)
        #expect(throws: CompressionError.tooLarge(.zstd, maxBytes: 1 << 29)) {
            try Compression.decompress(.zstd, bomb.bytes.prefix(18), maxBytes: 1 << 29)
        }
    }

    @Test("a dictionary or window of 1 GiB is refused")
    func hugeWindows() {
        #expect(throws: CompressionError.tooMuchMemory(.xz)) {
            try Compression.decompress(.xz, CompressionFixtures.hugeDictionary[...], maxBytes: 1 << 20)
        }
        // RFC 8878: magic number, no flags, a window of 2^30 bytes, one empty last block.
        let window: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0xA0, 0x01, 0x00, 0x00]
        #expect(throws: CompressionError.tooMuchMemory(.zstd)) {
            try Compression.decompress(.zstd, window[...], maxBytes: 1 << 20)
        }
    }

    /// The most bytes that were ever resident (`VmHWM` of /proc/self/status).
    private static func peakMemory() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try #require(line.split { !$0.isNumber }.first.flatMap { Int($0) }) << 10
    }
}
