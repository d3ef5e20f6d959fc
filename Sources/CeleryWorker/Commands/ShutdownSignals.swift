/// What a worker does about signals, as Celery's does (`celery/apps/worker.py`): a pure decision.
///
/// TERM ends it warmly, INT too, a second INT or QUIT coldly, and another one after that at once. With
/// `REMAP_SIGTERM=SIGQUIT` TERM means QUIT. HUP restarts it.
struct ShutdownSignals {
    enum Signal {
        case term
        case int
        case quit
        case hup
    }

    enum Action: Hashable {
        case none
        case warm
        case cold
        case exit
    }

    private let remapsTerm: Bool
    private var level = 0
    /// The status with which the process ends: a worker that was interrupted has not done all it was to do.
    private(set) var exitCode: Int32 = 0
    private(set) var restarts = false

    init(remapsTerm: Bool) { self.remapsTerm = remapsTerm }

    mutating func receive(_ signal: Signal) -> Action {
        switch signal {
        case .term where remapsTerm: return cold()
        case .term: return warm()
        case .hup:
            if level == 0 { restarts = true }
            return warm()
        case .int:
            exitCode = 1
            return level == 0 ? warm() : cold()
        case .quit:
            return cold()
        }
    }

    private mutating func warm() -> Action {
        guard level == 0 else { return .none }
        level = 1
        return .warm
    }

    private mutating func cold() -> Action {
        exitCode = 1
        guard level < 2 else { return .exit }
        level = 2
        return .cold
    }
}
