import Foundation
import Logging
import Synchronization

/// Looks at the rules every few seconds, keeps what is firing, and tells those who are to know.
///
/// Of several monitors on one history only the writer looks and tells; the others show what it has written.
final class AlertWatch: Sendable {
    /// What is shown of the rules: the newest readings of each.
    typealias Readings = [String: [AlertReading]?]

    private struct State {
        var states: AlertStates
        var silences: [AlertSilence] = []
        var readings: Readings = [:]
        /// When the rules were looked at last; seconds since 1970.
        var looked = 0.0
        /// What is stored has been read: nothing is overwritten by what this process does not know.
        var isLoaded = false
        var isWriter = false
    }

    let settings: AlertSettings
    let post: AlertPost
    private let gatherer = AlertGatherer()
    private let state: Mutex<State>
    private let logger: Logger

    init(_ settings: AlertSettings, changes: ChangeHub, logger: Logger) {
        self.settings = settings
        self.logger = logger
        post = AlertPost(AlertPost.notifiers(settings), logger: logger) { changes.announce(.alerts) }
        state = Mutex(State(states: AlertStates(resolveAfter: settings.resolveAfter)))
    }

    /// The gravest first.
    var firing: [FiringAlert] {
        state.withLock { state in
            state.states.alerts.values.filter { $0.phase == .firing }.map(\.firing).sorted {
                ($1.severity, $0.since, $0.rule, $0.subject) < ($0.severity, $1.since, $1.rule, $1.subject)
            }
        }
    }

    /// Those that are bad and not yet for long enough.
    var pending: [Alert] {
        state.withLock { $0.states.alerts.values.filter { $0.phase == .pending } }.sorted {
            ($0.since, $0.rule, $0.subject) < ($1.since, $1.rule, $1.subject)
        }
    }

    var silences: [AlertSilence] { state.withLock { $0.silences }.sorted { $0.until < $1.until } }

    var readings: Readings { state.withLock { $0.readings } }

    /// When the rules were looked at last; seconds since 1970, 0: not yet.
    var looked: Double { state.withLock { $0.looked } }

    /// Whether this process looks at the rules; else it shows what another one has found.
    var isWriter: Bool { state.withLock { $0.isWriter } }

    // MARK: Running

    /// Looks until it is cancelled.
    func run(_ monitor: Monitor) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.post.run() }
            group.addTask {
                while !Task.isCancelled {
                    await self.look(monitor)
                    try? await Task.sleep(for: .seconds(self.settings.interval))
                }
            }
        }
    }

    private func look(_ monitor: Monitor) async {
        let isWriter = monitor.history.isWriter && settings.isEnabled
        do {
            // Whoever does not write, or writes from now on, knows what the writer has stored.
            let isLoaded = state.withLock { $0.isLoaded && $0.isWriter == isWriter }
            if !isLoaded || !isWriter { try await load(monitor, isWriter) }
            guard isWriter else { return }
            let now = Date().timeIntervalSince1970
            let inputs = await gatherer.gather(monitor, settings, now: now)
            try await step(inputs, monitor)
        } catch {
            logger.error("looking at the rules of alerts: \(error)")
        }
    }

    private func load(_ monitor: Monitor, _ isWriter: Bool) async throws {
        let (alerts, silences) = try await monitor.history.alerts()
        let isDifferent = state.withLock { state in
            var states = AlertStates(alerts, resolveAfter: settings.resolveAfter)
            if isWriter { states.keepOnly(Set(AlertRules.all.map { $0.name })) }
            let isDifferent = states.alerts != state.states.alerts
            state.states = states
            state.silences = silences
            state.isLoaded = true
            state.isWriter = isWriter
            return isDifferent
        }
        if isDifferent { monitor.changes.announce(.alerts) }
    }

    private func step(_ inputs: AlertInputs, _ monitor: Monitor) async throws {
        let now = inputs.now
        let (changes, notice) = state.withLock { state in
            var all = AlertStates.Changes()
            for rule in AlertRules.all {
                let settings = self.settings.rules[rule.name] ?? rule.defaults
                let readings = settings.isEnabled ? rule.readings(inputs, settings) : []
                state.readings[rule.name] = .some(readings)
                let changes = state.states.step(rule, settings, readings, now: now)
                all.fired += changes.fired
                all.resolved += changes.resolved
                all.isChanged = all.isChanged || changes.isChanged
            }
            state.looked = now
            let silences = state.silences.filter { $0.until > now }
            all.isChanged = all.isChanged || silences != state.silences
            state.silences = silences
            return (all, Self.notice(all, &state, now, link))
        }
        // What is told is stored first: a monitor that is killed between the two tells nobody twice.
        if changes.isChanged || !notice.isEmpty {
            guard try await save(monitor, past: changes.resolved) else { return }
            monitor.changes.announce(.alerts)
        }
        post.tell(notice)
    }

    private var link: String? { settings.link.map { "\($0)/alerts" } }

    /// What is to be told: those who fire and of whom nobody knows, and those who are over and of whom somebody knew.
    private static func notice(
        _ changes: AlertStates.Changes,
        _ state: inout State,
        _ now: Double,
        _ link: String?
    ) -> AlertNotice {
        let silences = state.silences
        func isSilent(_ key: AlertKey) -> Bool { silences.contains { $0.covers(key, at: now) } }
        let untold = state.states.alerts.values.filter { $0.phase == .firing && !$0.isTold && !isSilent($0.key) }
        state.states.told(untold.map(\.key))
        let fired = untold.map(\.firing).sorted {
            ($1.severity, $0.since, $0.subject) < ($0.severity, $1.since, $1.subject)
        }
        let resolved = changes.resolved.filter { $0.wasTold }
        return AlertNotice(time: now, fired: fired, resolved: resolved, link: link)
    }

    private func save(_ monitor: Monitor, past: [PastAlert] = []) async throws -> Bool {
        let (alerts, silences) = state.withLock { (Array($0.states.alerts.values), $0.silences) }
        return try await monitor.history.store(alerts, silences, past: past)
    }

    // MARK: What operators do

    /// - Throws: `PageError` when it does not fire, or another monitor looks at the rules.
    func acknowledge(_ key: AlertKey, by who: String, _ monitor: Monitor) async throws {
        try expectWriter()
        guard state.withLock({ $0.states.acknowledge(key, by: who) }) else {
            throw PageError.notFound("\(key.rule) \(key.subject) does not fire")
        }
        _ = try await save(monitor)
        monitor.changes.announce(.alerts)
    }

    /// - Parameter silence: Until now or earlier: it ends.
    func silence(_ silence: AlertSilence, _ monitor: Monitor) async throws {
        try expectWriter()
        state.withLock { state in
            state.silences.removeAll { $0.rule == silence.rule && $0.subject == silence.subject }
            if silence.until > Date().timeIntervalSince1970, state.silences.count < 1000 {
                state.silences.append(silence)
            }
        }
        _ = try await save(monitor)
        monitor.changes.announce(.alerts)
    }

    /// Tells all notifiers that it is only a test.
    func test(now: Double) -> [AlertPost.Status] {
        post.tell(AlertNotice(time: now, link: link, isTest: true))
        return post.status
    }

    private func expectWriter() throws {
        guard isWriter else {
            throw PageError.unavailable("another monitor watches these alerts; do it there")
        }
    }
}

struct FiringAlert: Sendable, Hashable {
    /// The rule's name, as in the settings.
    var rule: String
    /// What it is about: a queue, a worker, …; empty for the whole.
    var subject: String
    var severity: Finding.Severity
    /// One line: what is wrong, with the figure.
    var text: String
    var advice: String
    /// Seconds since 1970.
    var since: Double
    /// Somebody said that he knows.
    var isAcknowledged: Bool
}
