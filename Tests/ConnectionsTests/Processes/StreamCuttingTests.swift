import Testing

@testable import Connections

/// Frames and lines, however the bytes arrive.
struct StreamCuttingTests {
    @Test(arguments: [1, 2, 3, 7, 1000, 1 << 20])
    func framesInPieces(_ size: Int) throws {
        let payloads: [[UInt8]] = [
            [], [1], Array(repeating: 2, count: 5), Array(repeating: 3, count: 200_000), [4, 5],
        ]
        let stream = try payloads.flatMap { try #require(FrameReader.frame($0)) }
        var reader = FrameReader()
        var found: [[UInt8]] = []
        var rest = stream[...]
        while !rest.isEmpty {
            reader.append(rest.prefix(size))
            rest = rest.dropFirst(size)
            while let frame = reader.next() { found.append(frame) }
        }
        #expect(found == payloads)
        #expect(reader.next() == nil)
    }

    @Test func aFrameBeginsWithItsLength() {
        #expect(FrameReader.frame([9, 8]) == [0, 0, 0, 2, 9, 8])
        #expect(FrameReader.frame(Array(repeating: 0, count: 0x010203))?.prefix(4) == [0, 1, 2, 3])
    }

    @Test(arguments: [1, 2, 3, 100])
    func linesInPieces(_ size: Int) {
        var splitter = LineSplitter(maxBytes: 100)
        var lines: [String] = []
        var rest = Array("one\n\ntwo\r\nthree".utf8)[...]
        while !rest.isEmpty {
            lines += splitter.append(rest.prefix(size)).map { String(decoding: $0, as: UTF8.self) }
            rest = rest.dropFirst(size)
        }
        #expect(lines == ["one", "", "two"])
        #expect(splitter.end() == Array("three".utf8))
        #expect(splitter.end() == nil)
    }

    @Test func longLinesAreCut() {
        var splitter = LineSplitter(maxBytes: 4)
        #expect(splitter.append(Array("abcdefghij\n".utf8)).map(\.count) == [4, 4, 2])
    }
}
