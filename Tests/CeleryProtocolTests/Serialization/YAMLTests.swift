import CeleryProtocol
import OrderedCollections
import Testing

@Suite struct YAMLTests {
    private func parse(_ text: String, _ limits: DecodingLimits = .init()) throws -> CeleryValue {
        try YAMLDecoder.parse(Array(text.utf8), limits: limits)
    }

    /// Plain scalars, and what PyYAML's `safe_load` makes of them.
    static let scalars: [(String, CeleryValue)] = [
        ("1", 1), ("-1", -1), ("+1", 1), ("0", 0), ("1_000", 1000), ("0x1F", 31), ("017", 15), ("0o17", "0o17"),
        ("0b101", 5), ("08", "08"), ("1:30", 90), ("190:20:30", 685_230),
        ("99999999999999999999", .bigInt("99999999999999999999")),
        ("1.5", 1.5), ("1.", 1.0), (".5", 0.5), ("-.5", -0.5), ("1e5", "1e5"), ("1.0e5", "1.0e5"), ("1.0e+5", 1e5),
        ("1.5E-3", 1.5e-3), (".inf", .double(.infinity)), ("-.inf", .double(-.infinity)), (".", "."), ("+", "+"),
        ("yes", true), ("Off", false), ("y", "y"), ("TRUE", true), ("tRUE", "tRUE"), ("~", nil), ("null", nil),
        ("", nil),
        ("'1'", "1"), ("\"yes\"", "yes"), ("!!str 1", "1"), ("!!int 1", 1), ("!!float 1", 1.0), ("!!null x", nil),
        ("2026-01-02", .date("2026-01-02")), ("2026-13-02", "2026-13-02"), ("2026-1-2", "2026-1-2"),
        ("2026-01-02 03:04:05", .datetime("2026-01-02T03:04:05")),
        ("2026-01-02t03:04:05.1Z", .datetime("2026-01-02T03:04:05.100000+00:00")),
        ("2026-01-02 3:04:05.1234567 -5", .datetime("2026-01-02T03:04:05.123456-05:00")),
        ("!!binary aGk=", .bytes([0x68, 0x69])), ("a b", "a b"), ("1 2", "1 2"), ("-a", "-a"),
    ]

    @Test(arguments: scalars.indices)
    func readsScalarsAsPyYAML(_ index: Int) throws {
        let (text, value) = Self.scalars[index]
        #expect(try parse(text) == value, "\(text)")
    }

    @Test func readsCollections() throws {
        #expect(try parse("a: 1\nb: [x, {c: ~}]\n1: two\n") == ["a": 1, "b": ["x", ["c": nil]], "1": "two"])
        #expect(
            try parse("- &a {x: 1, y: 2}\n- *a\n- {<<: *a, y: 3}\n") == [
                ["x": 1, "y": 2], ["x": 1, "y": 2], ["x": 1, "y": 3],
            ]
        )
        #expect(try parse("&a [1, *b]".replacing("*b", with: "2")) == [1, 2])
        #expect(try parse("--- |\n  text\n  more\n") == "text\nmore\n")
        #expect(try parse("\u{feff}a: 1") == ["a": 1])
    }

    @Test func refuses() {
        let texts = [
            "!!python/object/apply:os.system [x]", "!custom x", "!!set {a, b}", "!!omap [a: 1]", "a: [", "a: b: c",
            "*x",
            "{[a]: 1}", "a: 1\na: 2", "--- 1\n--- 2", "\u{1}", "<<: 1", "!!binary '***'x", "!!int x",
        ]
        for text in texts {
            #expect(throws: SerializationError.self, "\(text)") { try parse(text) }
        }
        #expect(throws: SerializationError.self) { try YAMLDecoder.parse([0xff, 0xfe, 0x31, 0]) }
        #expect(throws: SerializationError.self) { try parse(String(repeating: " ", count: 1 << 20) + "1") }
        #expect(throws: SerializationError.self) { try parse("[[1]]", DecodingLimits(maxDepth: 1)) }
        #expect(throws: SerializationError.self) { try parse("[1111]", DecodingLimits(maxBodyBytes: 3)) }
    }

    @Test func refusesBillionLaughs() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<12 {
            let alias = "*a\(level - 1)"
            text += "a\(level): &a\(level) [\([String](repeating: alias, count: 9).joined(separator: ", "))]\n"
        }
        #expect(throws: SerializationError.self) { try parse(text) }
        // As a key it would be hashed while parsing.
        #expect(throws: SerializationError.self) { try parse(text + "? *a11\n: 1\n") }
        #expect(throws: SerializationError.self) { try parse(text + "{*a11 : 1}\n") }
        #expect(throws: SerializationError.self) { try parse(text + "{[*a11]: 1}\n") }
    }

    @Test func writesWhatItReads() throws {
        let value: CeleryValue = [
            nil, true, 1, -1, .bigInt("123456789012345678901"), 1.5, 1e300, -1e-7, .double(.infinity), "", "yes", "1",
            "é\n\t\"\\",
            "𝄞\u{2028}\u{feff}\u{7f}", .bytes([0, 255]), .datetime("2026-01-02T03:04:05.000001+00:00"),
            .date("2026-01-02"),
            ["k: x": [1, [:]], "": []], .datetime("0001"),
        ]
        let again = try YAMLDecoder.parse(YAMLEncoder.encode(value))
        guard case .array(var expected) = value else { return }
        expected[expected.count - 1] = "0001"
        #expect(again == .array(expected))
    }
}
