import Connections
import Testing

@Suite("Compression: damaged data")
struct CompressionDamageTests {
    @Test("cut off anywhere, it is truncated", arguments: CompressionFixtures.bodies + CompressionFixtures.empties)
    func truncations(_ packed: CompressionFixtures.Packed) {
        for length in packed.bytes.indices {
            #expect(throws: CompressionError.truncated(packed.format), "\(length) of \(packed.bytes.count)") {
                try Compression.decompress(packed.format, packed.bytes[..<length], maxBytes: 1 << 20)
            }
        }
    }

    @Test("what follows the end is refused", arguments: CompressionFixtures.bodies)
    func trailing(_ packed: CompressionFixtures.Packed) {
        for rest in [[0], [UInt8]("garbage".utf8), packed.bytes] {
            #expect(throws: CompressionError.trailingData(packed.format, bytes: rest.count)) {
                try Compression.decompress(packed.format, (packed.bytes + rest)[...], maxBytes: 1 << 20)
            }
        }
    }

    @Test("other data is malformed", arguments: Compression.Format.allCases)
    func garbage(_ format: Compression.Format) {
        let others = CompressionFixtures.bodies.filter { $0.format != format }.map(\.bytes)
        for bytes in others + [[UInt8]("[[1, 2], {}, null]".utf8), [UInt8](repeating: 0, count: 64)] {
            let error = #expect(throws: CompressionError.self) {
                try Compression.decompress(format, bytes[...], maxBytes: 1 << 20)
            }
            guard case .malformed = error else {
                return #expect(Bool(false), "\(format): \(String(describing: error))")
            }
        }
    }

    @Test("changed bytes end in data within the limit or in an error", arguments: CompressionFixtures.bodies)
    func mutations(_ packed: CompressionFixtures.Packed) {
        var random = SeededRandom(seed: 42)
        for _ in 0..<2_000 {
            var bytes = packed.bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
            }
            do throws(CompressionError) {
                let plain = try Compression.decompress(packed.format, bytes[...], maxBytes: 1 << 20)
                #expect(plain.count <= 1 << 20)
            } catch {
                #expect(!error.description.isEmpty)
            }
        }
    }

    @Test("random bytes behind a right beginning", arguments: CompressionFixtures.bodies)
    func randomTails(_ packed: CompressionFixtures.Packed) {
        var random = SeededRandom(seed: 7)
        for _ in 0..<500 {
            let head = packed.bytes.prefix(.random(in: 0...32, using: &random))
            let tail = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let plain = try? Compression.decompress(packed.format, (head + tail)[...], maxBytes: 1 << 20)
            #expect((plain?.count ?? 0) <= 1 << 20)
        }
    }
}

/// SplitMix64, so that a failure comes back with its seed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
