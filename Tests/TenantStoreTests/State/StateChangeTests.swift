import Testing

@testable import TenantStore

struct StateChangeTests {
    @Test func anAnnouncementIsRead() {
        let change = StateChange(
            kind: .session,
            channel: "session:s1:data",
            payload: Array(#"{"change": "updated", "version": 7}"#.utf8)
        )
        #expect(change == StateChange(kind: .session, name: "s1", change: .updated, version: 7))
    }

    @Test func whatOthersPublishIsNone() {
        let payloads = ["", "hello", "[]", #"{"change": "painted", "version": 1}"#, #"{"version": 1}"#]
        for payload in payloads {
            #expect(StateChange(kind: .session, channel: "session:s1:data", payload: Array(payload.utf8)) == nil)
        }
        let payload = Array(#"{"change": "deleted", "version": 1}"#.utf8)
        #expect(StateChange(kind: .agent, channel: "session:s1:data", payload: payload) == nil)
    }
}
