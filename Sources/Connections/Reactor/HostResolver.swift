import Foundation
import Glibc
import Synchronization

/// Turns a host name into addresses without holding up the reactor: `getaddrinfo` blocks, so it runs on a thread of its
/// own.
final class HostResolver: Sendable {
    /// Why a name has no address.
    struct Failure: Error {
        let reason: String
    }

    private enum State {
        case idle
        case running
        case done(Result<[String], Failure>)
    }

    private let state = Mutex(State.idle)
    private let waker: Waker

    init(waker: Waker) { self.waker = waker }

    /// Begins to resolve `host`, unless an earlier look-up still runs (a dead name server can hold one for half a
    /// minute).
    func start(host: String) {
        let isRunning = state.withLock { state in
            if case .running = state { return true }
            state = .running
            return false
        }
        guard !isRunning else { return }
        let thread = Thread { [self] in
            let result = Result { () throws(Failure) in try Self.addresses(of: host) }
            state.withLock { $0 = .done(result) }
            waker.wake()
        }
        thread.name = "chard-dns"
        thread.start()
    }

    /// The result, once; `nil` while there is none.
    func take() -> Result<[String], Failure>? {
        state.withLock { state in
            guard case .done(let result) = state else { return nil }
            state = .idle
            return result
        }
    }

    /// Whether `host` is an address already.
    static func isNumeric(_ host: String) -> Bool {
        var four = in_addr()
        var six = in6_addr()
        return inet_pton(AF_INET, host, &four) == 1 || inet_pton(AF_INET6, host, &six) == 1
    }

    private static func addresses(of host: String) throws(Failure) -> [String] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard status == 0 else {
            let text = gai_strerror(status).map { String(cString: $0) } ?? "error \(status)"
            throw Failure(reason: "cannot resolve \(host): \(text)")
        }
        var found: [String] = []
        var next = list
        while let entry = next {
            if let text = numericText(entry.pointee), !found.contains(text) { found.append(text) }
            next = entry.pointee.ai_next
        }
        guard !found.isEmpty else { throw Failure(reason: "\(host) has no address") }
        return found
    }

    private static func numericText(_ entry: addrinfo) -> String? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let status = getnameinfo(entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
        guard status == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
