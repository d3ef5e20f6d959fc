import CProcess
import CRabbitMQ
import Glibc

/// System calls on descriptors, with what each answer means.
enum Descriptors {
    enum Input {
        /// So many bytes are at the beginning of the buffer.
        case bytes(Int)
        case nothingNow
        /// The end, or an error, which is one as well.
        case end
    }

    static func read(_ descriptor: Int32, into buffer: inout [UInt8]) -> Input {
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .end }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .nothingNow
            default: return .end
            }
        }
    }

    /// How many bytes went out; 0 when none can now, nil when the other side is gone.
    static func send(_ bytes: ArraySlice<UInt8>, to socket: Int32, waits: Bool) -> Int? {
        let flags = Int32(MSG_NOSIGNAL) | (waits ? 0 : Int32(MSG_DONTWAIT))
        return attempt { bytes.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, flags) } }
    }

    /// As `send`, for a pipe; the calling thread must have SIGPIPE blocked.
    static func write(_ bytes: ArraySlice<UInt8>, to pipe: Int32) -> Int? {
        attempt { bytes.withUnsafeBytes { Glibc.write(pipe, $0.baseAddress, $0.count) } }
    }

    private static func attempt(_ body: () -> Int) -> Int? {
        while true {
            let count = body()
            if count >= 0 { return count }
            switch errno {
            case EINTR: continue
            case EAGAIN: return 0
            default: return nil
            }
        }
    }

    /// A pair of connected sockets, closed at exec; nil when no descriptors are left.
    static func socketPair() -> (Int32, Int32)? {
        var pair: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        return socketpair(AF_UNIX, kind, 0, &pair) == 0 ? (pair[0], pair[1]) : nil
    }

    /// A pipe, closed at exec: where to read and where to write.
    static func pipe() -> (read: Int32, write: Int32)? {
        var pair: [Int32] = [-1, -1]
        return chard_pipe(&pair) == 0 ? (pair[0], pair[1]) : nil
    }

    static func setNonblocking(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    static func null() -> Int32 { open("/dev/null", O_RDWR | O_CLOEXEC) }

    static func close(_ descriptor: Int32) {
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
    }

    /// Waits for events until the deadline; which happen is in the array.
    static func poll(_ descriptors: inout [pollfd], until deadline: MonotonicTime) {
        let limit = deadline == .distantFuture ? -1 : max(0, deadline.nanoseconds(since: .now))
        if chard_poll(&descriptors, nfds_t(descriptors.count), limit) >= 0 { return }
        for index in descriptors.indices { descriptors[index].revents = 0 }
    }
}
