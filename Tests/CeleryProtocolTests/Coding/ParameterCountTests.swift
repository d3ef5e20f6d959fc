import CeleryProtocol
import Testing

@Suite struct ParameterCountTests {
    struct None: Decodable {}
    struct One: Decodable { var id: String }
    struct Two: Decodable {
        var a: Int
        var b: [String]?
    }
    struct Rest: Decodable {
        var values: [CeleryValue] = []
        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            while !container.isAtEnd { values.append(try container.decode(CeleryValue.self)) }
        }
    }

    @Test func countsWhatATypeAsksFor() {
        #expect(ParameterCount(of: None.self) == .exactly(0))
        #expect(ParameterCount(of: One.self) == .exactly(1))
        #expect(ParameterCount(of: Two.self) == .exactly(2))
        #expect(ParameterCount(of: Rest.self) == .any)
    }

    @Test func saysWhetherSeveralAreLeft() {
        #expect(!ParameterCount.exactly(1).leavesSeveral())
        #expect(ParameterCount.exactly(2).leavesSeveral())
        #expect(!ParameterCount.exactly(3).leavesSeveral(after: 2))
        #expect(ParameterCount.any.leavesSeveral(after: 9))
    }
}
