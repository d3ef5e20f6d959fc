import CeleryProtocol
import Connections

/// The time at which a task whose rate is limited may start. It goes along with the message on the detours of its wait,
/// in the header `x-chard-slot`, so that the message does not queue up anew each time it comes back.
struct RateReservation: Sendable, Hashable {
    static let header = "x-chard-slot"

    /// Nanoseconds of this machine's `MonotonicTime`.
    var slot: Int64
    /// Nanoseconds between two starts under the limit it was made for; it is void under another.
    var interval: Int64

    init(slot: Int64, interval: Int64) {
        self.slot = slot
        self.interval = interval
    }

    /// Reads `<µs since 1970> <interval in ns>`; nil when a message carries none or something else.
    init?(_ message: TaskMessage, now: MonotonicTime, wallClock: Int64) {
        guard let text = message.header(Self.header)?.stringValue else { return nil }
        self.init(header: text, now: now, wallClock: wallClock)
    }

    init?(header text: String, now: MonotonicTime, wallClock: Int64) {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let time = Int64(parts[0]), let interval = Int64(parts[1]), interval > 0 else {
            return nil
        }
        // The wall clock may be set, and a sender may write what it likes: only the distance counts, within a century.
        let wait = Double(time) - Double(wallClock)
        guard abs(wait) < 3.2e15 else { return nil }
        slot = now.nanoseconds + Int64(wait * 1000)
        self.interval = interval
    }

    func headerText(now: MonotonicTime, wallClock: Int64) -> String {
        "\(wallClock + (slot - now.nanoseconds) / 1000) \(interval)"
    }
}
