import Testing

@testable import TenantStore

struct StateKindTests {
    @Test(arguments: [
        (StateKind.agent, "a-7", "agent:a-7:state"), (.session, "s 1", "session:s 1:data"),
        (.model, "all-minilm:22m", "model:all-minilm:22m:weights"),
        (.metric, "inference:hits", "metrics:inference:hits"),
    ])
    func keysAreThoseOfTheDesign(_ kind: StateKind, _ name: String, _ key: String) throws {
        #expect(try kind.key(name) == key)
        #expect(kind.name(inKey: key) == name)
    }

    @Test(arguments: ["", "agent_id}", "{a}", "a\nb", "a\u{0}", "\u{7f}", String(repeating: "é", count: 257)])
    func namesThatNobodyMeansAreRefused(_ name: String) {
        for kind in StateKind.allCases {
            #expect { try kind.key(name) } throws: { error in
                guard case .badName(kind, name: name, reason: _) = error as? StateError else { return false }
                return !"\(error)".contains("\n")
            }
        }
    }

    @Test func longNamesOfAllowedLengthPass() throws {
        #expect(try StateKind.agent.key(String(repeating: "x", count: 512)).utf8.count == 524)
    }

    @Test(arguments: ["session:a:state", "session::data", "session:data", "x:session:a:data", "session:a:data2"])
    func keysOfOthersAreNotOurs(_ key: String) {
        #expect(StateKind.session.name(inKey: key) == nil)
    }

    @Test func aServiceHasNoColon() throws {
        #expect(try MetricName(service: "a", metric: "b:c").key == "metrics:a:b:c")
        #expect(throws: StateError.self) { try MetricName(service: "a:b", metric: "c") }
        #expect(throws: StateError.self) { try MetricName(service: "", metric: "c") }
        #expect(throws: StateError.self) { try MetricName(service: "a", metric: "") }
    }
}
