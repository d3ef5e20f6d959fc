import Testing

@testable import TenantStore

struct StateEnvelopeTests {
    private let writer = StateEnvelope.newWriter()

    private func stored(_ data: [UInt8], above limit: Int) -> [UInt8] {
        Array("17".utf8) + StateEnvelope.tail(of: data, writer: writer, compressAbove: limit)
    }

    private func read(_ bytes: [UInt8], maxBytes: Int = 1 << 20) throws -> (StateEnvelope, [UInt8]) {
        let (envelope, content) = try StateEnvelope.parse(bytes[...], key: "k")
        return (envelope, try envelope.unpack(content, key: "k", maxBytes: maxBytes))
    }

    @Test func dataIsCompressedAboveTheBorderAndComesBack() throws {
        for (size, encoding) in [(0, StateEnvelope.Encoding.plain), (1_024, .plain), (1_025, .zstd), (100_000, .zstd)] {
            let data = (0..<size).map { UInt8(truncatingIfNeeded: $0 / 100) }
            let (envelope, read) = try read(stored(data, above: 1_024))
            #expect(envelope == StateEnvelope(version: 17, encoding: encoding, writer: writer))
            #expect(read == data)
        }
    }

    @Test func whatDoesNotShrinkStaysPlain() throws {
        var generator = SystemRandomNumberGenerator()
        let noise = (0..<5_000).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let (envelope, read) = try read(stored(noise, above: 0))
        #expect(envelope.encoding == .plain)
        #expect(read == noise)
    }

    @Test func dataMayHoldLineEnds() throws {
        let data = Array("\n\n1 plain 0\n".utf8)
        #expect(try read(stored(data, above: 100)).1 == data)
    }

    @Test(arguments: [
        "", "{\"a\": 1}", "1 plain", "x plain 00\n", "0 plain 00\n", "-3 plain 00\n", "1 brotli 00\nx", "1 plain\nx",
        "1 plain a b\nx", "99999999999999999999 plain 00\n", "\n",
        "1 plain " + String(repeating: "0", count: 100) + "\n", "1 zstd 00\nnot zstd",
    ])
    func whatIsNoDocumentIsRefused(_ text: String) {
        #expect {
            try read(Array(text.utf8))
        } throws: { error in
            guard case .wrongData(key: "k", reason: _) = error as? StateError else { return false }
            return true
        }
    }

    @Test func aBombIsRefused() {
        let bomb = stored([UInt8](repeating: 0, count: 2 << 20), above: 0)
        #expect(bomb.count < 10_000)
        #expect(throws: StateError.self) { try read(bomb, maxBytes: 1 << 20) }
    }

    @Test func writersDiffer() {
        let writers = Set((0..<1_000).map { _ in StateEnvelope.newWriter() })
        #expect(writers.count == 1_000)
        #expect(writers.allSatisfy { $0.utf8.count == 16 })
    }
}
