import CeleryProtocol
import Testing

@Suite struct ContentTypeTests {
    @Test func acceptsNamesAndMIMETypes() throws {
        let accept = try AcceptContent(["msgpack", "application/x-yaml", "text/plain"])
        #expect(accept.accepts(.msgpack))
        #expect(accept.accepts(.yaml))
        #expect(accept.accepts(.text))
        #expect(!accept.accepts(.json))
        #expect(!accept.accepts(.pickle))
        // kombu's TRUSTED_CONTENT.
        #expect(accept.accepts(.data))
        #expect(accept.accepts(ContentType(mime: "application/text")))
        #expect(AcceptContent.json.accepts(.json))
        #expect(throws: UnknownSerializer.self) { try AcceptContent(["nonsense"]) }
    }

    @Test func knowsKombusNames() {
        for name in ["json", "msgpack", "yaml", "pickle"] {
            #expect(ContentType(serializer: name)?.serializer == name)
            #expect(ContentType(mime: ContentType(serializer: name)?.mime).serializer == name)
        }
        #expect(ContentType(mime: nil) == .data)
        #expect(ContentType(mime: "x/y") == .other("x/y"))
        #expect(ContentType(serializer: "x") == nil)
    }

    /// Aliases of kombu/compression.py.
    @Test func knowsKombusCompressions() {
        let aliases: [(CompressionFormat, [String])] = [
            (.zlib, ["gzip", "zlib", "application/x-gzip"]), (.bzip2, ["bzip2", "bzip", "application/x-bz2"]),
            (.brotli, ["brotli", "application/x-brotli"]), (.xz, ["lzma", "xz", "application/x-lzma"]),
            (.zstd, ["zstd", "zstandard", "application/zstd"]),
        ]
        for (format, names) in aliases {
            for name in names {
                #expect(CompressionFormat(name: name) == format)
            }
            #expect(CompressionFormat(name: format.headerValue) == format)
        }
        #expect(CompressionFormat(name: "lz4") == nil)
    }
}
