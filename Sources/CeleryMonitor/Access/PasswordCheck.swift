import Connections
import Crypto
import Dispatch
import Foundation
import Synchronization

/// Compares passwords, one at a time and on a thread of its own, since a hash takes its time; remembers for a while what
/// was right, for programs send their password with every request.
final class PasswordCheck: Sendable {
    private struct State {
        /// When what was right is forgotten; by a digest that only this process can make.
        var right: [Data: Double] = [:]
        var waiting = 0
    }

    private static let memory = 300.0
    private static let maxWaiting = 32
    /// Takes the time of a check where there is no such user.
    private static let nobody = StoredPassword(
        "scrypt:32768:8:1:AAAAAAAAAAAAAAAAAAAAAA:\(String(repeating: "A", count: 43))"
    )

    private let users: [String: AccessSettings.User]
    private let key = SymmetricKey(size: .bits256)
    private let queue = DispatchQueue(label: "chard.monitor.passwords")
    private let state = Mutex(State())

    init(_ users: [AccessSettings.User]) {
        self.users = Dictionary(users.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    }

    enum Result: Sendable {
        case right(AccessSettings.User)
        case wrong
        /// Too many are being checked.
        case busy
    }

    func check(_ name: String, _ password: String) async -> Result {
        let digest = Data(HMAC<SHA256>.authenticationCode(for: Data("\(name)\0\(password)".utf8), using: key))
        let now = WallClock.seconds
        let isKnown = state.withLock { state in state.right[digest].map { $0 > now } ?? false }
        if isKnown, let user = users[name] { return .right(user) }
        let isFull = state.withLock { state in
            state.waiting += 1
            return state.waiting > Self.maxWaiting
        }
        defer { state.withLock { $0.waiting -= 1 } }
        guard !isFull else { return .busy }
        guard await matches(name, password), let user = users[name] else { return .wrong }
        state.withLock { state in
            if state.right.count >= 1000 { state.right = state.right.filter { $1 > now } }
            if state.right.count < 1000 { state.right[digest] = now + Self.memory }
        }
        return .right(user)
    }

    private func matches(_ name: String, _ password: String) async -> Bool {
        let stored = users[name]?.password ?? Self.nobody
        return await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: stored?.matches(password) ?? false) }
        }
    }
}
