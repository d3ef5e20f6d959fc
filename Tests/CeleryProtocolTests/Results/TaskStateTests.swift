import Testing

@testable import CeleryProtocol

@Suite struct TaskStateTests {
    private let all: [TaskState] = [
        .pending, .received, .started, .success, .failure, .retry, .revoked, .rejected, .ignored, .progress, .aborted,
    ]

    @Test func namesAreThoseOfTheWire() {
        for state in all { #expect(TaskState(rawValue: state.rawValue) == state) }
        #expect(TaskState(rawValue: "PROGRESS") == .progress)
        #expect(TaskState(rawValue: "success") == .custom("success"))
        #expect("\(TaskState.revoked)" == "REVOKED")
    }

    @Test func setsAreThoseOfCelery() {
        #expect(all.filter(\.isReady) == [.success, .failure, .revoked])
        #expect(all.filter(\.isException) == [.failure, .retry, .revoked])
        #expect(all.filter(\.isPropagated) == [.failure, .revoked])
    }

    @Test func precedenceIsThatOfCelery() {
        let ordered: [TaskState] = [
            .success, .failure, .progress, .revoked, .started, .received, .rejected, .retry, .pending,
        ]
        #expect(ordered.map(\.precedence) == Array(0..<9))
    }
}
