import Connections
import Testing

@testable import TenantStore

struct VectorFilterTests {
    private static let filter = VectorFilter.all([
        .equal("f", true), .notEqual("s", "it's \"x\""), .any([.equal("n", 1), .less("d", 1.5)]),
        .among("t", ["a", "b"]),
    ])

    @Test func speaksChroma() {
        let expected = """
            {"$and":[{"f":{"$eq":true}},{"s":{"$ne":"it's \\"x\\""}},\
            {"$or":[{"n":{"$eq":1}},{"$or":[{"d":{"$lt":1.5}},{"d":{"$eq":1}}]}]},{"$or":[{"t":{"$eq":"a"}},{"t":{"$eq":"b"}}]}]}
            """
        #expect(Self.filter.chroma.map { String(decoding: $0.bytes, as: UTF8.self) } == expected)
        #expect(VectorFilter.all([]).chroma == nil)
    }

    @Test func speaksQdrant() {
        let expected = """
            {"must":[{"must":[{"key":"metadata.\\"f\\"","match":{"value":true}},\
            {"must_not":[{"key":"metadata.\\"s\\"","match":{"value":"it's \\"x\\""}}]},\
            {"should":[{"key":"metadata.\\"n\\"","range":{"gte":1.0,"lte":1.0}},\
            {"key":"metadata.\\"d\\"","range":{"lt":1.5}}]},\
            {"should":[{"key":"metadata.\\"t\\"","match":{"value":"a"}},\
            {"key":"metadata.\\"t\\"","match":{"value":"b"}}]}]}]}
            """
        #expect(Self.filter.qdrant.map { String(decoding: $0.bytes, as: UTF8.self) } == expected)
        #expect(VectorFilter.all([]).qdrant == nil)
    }
}
