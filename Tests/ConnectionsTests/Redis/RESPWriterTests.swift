import Testing

@testable import Connections

@Suite struct RESPWriterTests {
    private func written(_ write: (inout [UInt8]) -> Void) -> String {
        var buffer: [UInt8] = []
        write(&buffer)
        return String(decoding: buffer, as: UTF8.self)
    }

    @Test(arguments: [
        (0, "$1\r\n0\r\n"), (9, "$1\r\n9\r\n"), (10, "$2\r\n10\r\n"), (-1, "$2\r\n-1\r\n"),
        (Int.max, "$19\r\n9223372036854775807\r\n"), (Int.min, "$20\r\n-9223372036854775808\r\n"),
    ])
    func numbersAreWrittenInDecimal(number: Int, expected: String) {
        #expect(written { RESPWriter.append(number, into: &$0) } == expected)
    }

    @Test(arguments: [0, 1, 9, 10, 99, 100, 999, 1_000, 70_000])
    func lengthsAreCountedInBytes(count: Int) {
        let argument = [UInt8](repeating: 120, count: count)
        let text = String(decoding: argument, as: UTF8.self)
        let expected = "$\(count)\r\n\(text)\r\n"
        #expect(written { RESPWriter.append(argument, into: &$0) } == expected)
        #expect(written { RESPWriter.append(argument[...], into: &$0) } == expected)
        #expect(written { RESPWriter.append(argument.span, into: &$0) } == expected)
        #expect(written { RESPWriter.append(text, into: &$0) } == expected)
    }

    @Test func textIsUTF8() {
        #expect(written { RESPWriter.append("ä€", into: &$0) } == "$5\r\nä€\r\n")
    }

    @Test func twoPartsAreOneArgument() {
        let prefix = Array("celery-task-meta-".utf8)
        #expect(written { RESPWriter.append(prefix: prefix, "ab", into: &$0) } == "$19\r\ncelery-task-meta-ab\r\n")
        let id: [UInt8] = [97, 98]
        #expect(written { RESPWriter.append(prefix: prefix, id.span, into: &$0) } == "$19\r\ncelery-task-meta-ab\r\n")
    }

    @Test func manyArgumentsKeepTheirOrder() {
        let text = written { buffer in
            for number in 0..<1_000 {
                RESPWriter.begin(2, into: &buffer)
                buffer += RESPWriter.encoded("GET")
                RESPWriter.append(number, into: &buffer)
            }
        }
        let expected = (0..<1_000).map { "*2\r\n$3\r\nGET\r\n$\("\($0)".count)\r\n\($0)\r\n" }.joined()
        #expect(text == expected)
    }
}
