/// What is to be done with which dead letters.
struct DeadOrder: Sendable {
    enum Selection: Sendable, Hashable {
        case all
        case group(String)
        case one(String)
    }

    enum Deed: Sendable {
        /// Back to the queue it comes from, changed first if somebody has edited it.
        case requeue(DeadEdit?)
        case drop

        var isDrop: Bool { if case .drop = self { true } else { false } }
    }

    var queue: String
    var selection: Selection
    var deed: Deed
    /// Messages per second at most; nil: as fast as it goes.
    var rate: Double?
    var who: String

    func selects(_ message: DeadMessage) -> Bool {
        switch selection {
        case .all: true
        case .group(let fingerprint): message.fingerprint == fingerprint
        case .one(let key): message.key == key
        }
    }
}
