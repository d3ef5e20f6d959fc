import Testing

@testable import CeleryWorker

@Suite struct ShutdownSignalsTests {
    typealias Case = (
        signals: [ShutdownSignals.Signal], remapsTerm: Bool, actions: [ShutdownSignals.Action], exit: Int32
    )

    @Test(arguments: [
        Case([.term, .term], false, [.warm, .none], 0),
        Case([.int, .int, .int], false, [.warm, .cold, .exit], 1),
        Case([.quit, .quit], false, [.cold, .exit], 1),
        Case([.term, .quit, .term], false, [.warm, .cold, .none], 1),
        Case([.term, .int], false, [.warm, .cold], 1),
        Case([.term, .term], true, [.cold, .exit], 1),
        Case([.hup, .term], false, [.warm, .none], 0),
    ])
    func endsAsCelerysWorker(_ test: Case) {
        var decisions = ShutdownSignals(remapsTerm: test.remapsTerm)
        #expect(test.signals.map { decisions.receive($0) } == test.actions)
        #expect(decisions.exitCode == test.exit)
    }

    @Test func onlyTheFirstSignalRestarts() {
        var first = ShutdownSignals(remapsTerm: false)
        _ = first.receive(.hup)
        var later = ShutdownSignals(remapsTerm: false)
        _ = later.receive(.term)
        _ = later.receive(.hup)
        #expect(first.restarts && !later.restarts)
    }
}
