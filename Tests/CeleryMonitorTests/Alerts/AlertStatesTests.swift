import Testing

@testable import CeleryMonitor

/// Steps of one rule on a clock of the test's own.
@Suite struct AlertStatesTests {
    private static let rule = OldestMessageRule.self
    private static let settings = AlertRuleSettings(threshold: 100, hold: 60, severity: .warning)

    private func reading(_ value: Double, _ subject: String = "q") -> AlertReading {
        AlertReading(
            subject: subject,
            value: value,
            level: AlertReading.above(Self.settings.threshold, value),
            text: "\(subject) \(value)",
            advice: ""
        )
    }

    private func step(
        _ states: inout AlertStates,
        _ value: Double?,
        at now: Double,
        _ settings: AlertRuleSettings = settings
    ) -> AlertStates.Changes {
        states.step(Self.rule, settings, value.map { [reading($0)] } ?? [], now: now)
    }

    @Test func firesAfterItsTimeAndOnlyOnce() {
        var states = AlertStates(resolveAfter: 30)
        #expect(step(&states, 101, at: 0).fired.isEmpty)
        #expect(states.alerts.values.first?.phase == .pending)
        #expect(step(&states, 101, at: 59).fired.isEmpty)
        #expect(step(&states, 150, at: 60).fired.map(\.text) == ["q 150.0"])
        #expect(step(&states, 150, at: 65).fired.isEmpty)
    }

    @Test func firesAtOnceWithoutATime() {
        var states = AlertStates(resolveAfter: 30)
        let settings = AlertRuleSettings(threshold: 100, hold: 0, severity: .warning)
        #expect(step(&states, 101, at: 0, settings).fired.count == 1)
    }

    @Test func beginsAgainWhenItWasGoodBetween() {
        var states = AlertStates(resolveAfter: 30)
        _ = step(&states, 101, at: 0)
        #expect(step(&states, 50, at: 30).isChanged)
        #expect(states.alerts.isEmpty)
        _ = step(&states, 101, at: 31)
        #expect(step(&states, 101, at: 70).fired.isEmpty)
        #expect(step(&states, 101, at: 91).fired.count == 1)
    }

    @Test func pendingThatIsOnlyNearEnds() {
        var states = AlertStates(resolveAfter: 30)
        _ = step(&states, 101, at: 0)
        _ = step(&states, 95, at: 30)
        #expect(states.alerts.isEmpty)
    }

    @Test func resolvesWhenGoodForLongEnough() {
        var states = AlertStates(resolveAfter: 30)
        _ = step(&states, 101, at: 0)
        _ = step(&states, 101, at: 60)
        #expect(step(&states, 50, at: 70).resolved.isEmpty)
        #expect(step(&states, 50, at: 99).resolved.isEmpty)
        let resolved = step(&states, 50, at: 100).resolved
        #expect(resolved.map(\.fired) == [60] && resolved.map(\.resolved) == [100])
        #expect(states.alerts.isEmpty)
    }

    @Test func doesNotFlapAroundTheThreshold() {
        var states = AlertStates(resolveAfter: 30)
        _ = step(&states, 101, at: 0)
        #expect(step(&states, 101, at: 60).fired.count == 1)
        for second in stride(from: 61.0, to: 400, by: 5) {
            let value = Int(second) / 5 % 2 == 0 ? 95.0 : 105.0
            let changes = step(&states, value, at: second)
            #expect(changes.fired.isEmpty && changes.resolved.isEmpty)
        }
        // Good for a moment only.
        for second in stride(from: 400.0, to: 800, by: 20) {
            let changes = step(&states, Int(second) / 20 % 2 == 0 ? 10 : 110, at: second)
            #expect(changes.fired.isEmpty && changes.resolved.isEmpty)
        }
    }

    @Test func subjectThatDisappearsIsGood() {
        var states = AlertStates(resolveAfter: 0)
        _ = step(&states, 101, at: 0)
        _ = step(&states, 101, at: 60)
        #expect(step(&states, nil, at: 61).resolved.count == 1)
    }

    @Test func nothingChangesWhileItCannotBeMeasured() {
        var states = AlertStates(resolveAfter: 0)
        _ = step(&states, 101, at: 0)
        _ = step(&states, 101, at: 60)
        let changes = states.step(Self.rule, Self.settings, nil, now: 1000)
        #expect(changes == AlertStates.Changes())
        #expect(states.alerts.values.first?.phase == .firing)
    }

    @Test func ruleThatIsSwitchedOffEndsItsAlerts() {
        var states = AlertStates(resolveAfter: 30)
        _ = step(&states, 101, at: 0)
        _ = step(&states, 101, at: 60)
        var off = Self.settings
        off.isEnabled = false
        #expect(step(&states, 101, at: 61, off).resolved.count == 1)
        #expect(step(&states, 101, at: 62, off) == AlertStates.Changes())
    }

    @Test func subjectsAreApart() {
        var states = AlertStates(resolveAfter: 0)
        let settings = AlertRuleSettings(threshold: 100, hold: 0, severity: .critical)
        let first = states.step(Self.rule, settings, [reading(101, "a"), reading(50, "b")], now: 0)
        #expect(first.fired.map(\.subject) == ["a"])
        let second = states.step(Self.rule, settings, [reading(50, "a"), reading(101, "b")], now: 1)
        #expect(second.fired.map(\.subject) == ["b"] && second.resolved.map(\.subject) == ["a"])
    }

    @Test func strangersSubjectsAreBounded() {
        var states = AlertStates(resolveAfter: 0)
        let many = (0..<AlertStates.maxAlerts + 100).map { reading(200, "q\($0)") }
        _ = states.step(Self.rule, Self.settings, many, now: 0)
        #expect(states.alerts.count == AlertStates.maxAlerts)
    }

    @Test func acknowledgementStaysUntilItIsOver() {
        var states = AlertStates(resolveAfter: 0)
        let key = AlertKey(rule: Self.rule.name, subject: "q")
        _ = step(&states, 101, at: 0)
        let early = states.acknowledge(key, by: "ann")
        #expect(!early, "it does not fire yet")
        _ = step(&states, 101, at: 60)
        let inTime = states.acknowledge(key, by: "ann")
        #expect(inTime)
        _ = step(&states, 120, at: 61)
        #expect(states.alerts[key]?.firing.isAcknowledged == true)
        #expect(step(&states, 0, at: 62).resolved.first?.acknowledgedBy == "ann")
    }

    @Test func whatIsStoredGoesOnWithoutTellingAgain() {
        var before = AlertStates(resolveAfter: 30)
        _ = step(&before, 101, at: 0)
        _ = step(&before, 101, at: 60)
        before.told([AlertKey(rule: Self.rule.name, subject: "q")])
        var after = AlertStates(Array(before.alerts.values), resolveAfter: 30)
        #expect(step(&after, 101, at: 65).fired.isEmpty)
        #expect(after.alerts.values.first?.isTold == true)
    }
}
