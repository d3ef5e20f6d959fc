/// Something that lives on a reactor's thread: a connection, or what steers one.
///
/// All calls come from that one thread, so a source needs no locks for its own state. Nothing in `turn` may wait.
package protocol ReactorSource: AnyObject {
    /// The descriptor to wait for after this turn, and for what; `nil` when only time or a wake-up matters.
    var interest: ReactorInterest? { get }

    /// Does all that can be done now without waiting: inbox, input, output, timers.
    ///
    /// - Parameters:
    ///   - now: The time at which this turn began.
    ///   - ready: What `poll` found for `interest`; empty when it was not polled or nothing happened.
    /// - Returns: The latest time at which it must be called again.
    func turn(now: MonotonicTime, ready: ReactorEvents) -> MonotonicTime

    /// Until then nothing needs to be read, by none of the reactor's sources: under load it pays to let input pile up.
    var napsUntil: MonotonicTime { get }

    /// Called once, on the thread, when the reactor stops: close what is open.
    func shutDown()
}

extension ReactorSource {
    package var napsUntil: MonotonicTime { MonotonicTime(nanoseconds: 0) }
}

/// What a source waits for on its descriptor.
package struct ReactorInterest: Sendable {
    package var descriptor: Int32
    package var events: ReactorEvents

    package init(descriptor: Int32, events: ReactorEvents) {
        self.descriptor = descriptor
        self.events = events
    }
}

/// Readiness of a descriptor. An error or a hang-up counts as readable: the read then says what it is.
package struct ReactorEvents: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let read = ReactorEvents(rawValue: 1)
    package static let write = ReactorEvents(rawValue: 2)
}
