import CHiredis
import Glibc

/// The only owner of a `redisContext`: hiredis connects and parses, this class moves the bytes.
///
/// hiredis's own output buffer shifts all that is left after each partial write, which makes large pipelines quadratic,
/// and it reads 16 KiB at a time; so both directions go through the descriptor here. One thread only.
final class RedisSocket {
    /// A failure with the text of the system or of hiredis.
    struct Failure: Error {
        let reason: String
        var isProtocolError = false
    }

    static let readSize = 64 << 10
    /// Redis's own limit of a string is 512 MB (proto-max-bulk-len); an array of more elements than this is no answer
    /// to us.
    private static let maxElements = 16 << 20
    private static let maxLine = 64 << 10

    private let context: UnsafeMutablePointer<redisContext>
    private let functions: UnsafeMutablePointer<redisReplyObjectFunctions>
    private let buffer: UnsafeMutableRawBufferPointer

    var descriptor: Int32 { context.pointee.fd }

    /// Starts to connect without waiting. The socket is connected once it is writable and `connectionFailure` is `nil`.
    init(connectingTo address: RedisAddress) throws(Failure) {
        let made: UnsafeMutablePointer<redisContext>?
        switch address {
        case .tcp(let ip, let port):
            made = redisConnectNonBlock(ip, Int32(truncatingIfNeeded: port))
        case .unix(let path):
            // hiredis cuts a path that does not fit sockaddr_un (108 bytes with the closing NUL).
            guard path.utf8.count < 108 else { throw Failure(reason: "the socket's path is longer than 107 bytes") }
            made = redisConnectUnixNonBlock(path)
        }
        guard let made else { throw Failure(reason: "out of memory") }
        guard made.pointee.err == 0, let reader = made.pointee.reader, let defaults = reader.pointee.fn else {
            defer { redisFree(made) }
            throw Failure(reason: Self.errorText(of: made))
        }
        context = made
        buffer = .allocate(byteCount: Self.readSize, alignment: 16)
        functions = .allocate(capacity: 1)
        functions.initialize(to: defaults.pointee)
        functions.pointee.createArray = { task, count in
            guard Int(count) <= RedisSocket.maxElements, let defaults = task?.pointee.privdata else { return nil }
            let original = defaults.assumingMemoryBound(to: redisReplyObjectFunctions.self).pointee
            return original.createArray?(task, count)
        }
        reader.pointee.privdata = UnsafeMutableRawPointer(defaults)
        reader.pointee.fn = functions
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit {
        redisFree(context)
        functions.deallocate()
        buffer.deallocate()
    }

    /// Why connecting failed; `nil` when the connection stands.
    var connectionFailure: Failure? {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else { return Failure(errno: errno) }
        return code == 0 ? nil : Failure(errno: code)
    }

    /// Lets the system find out by itself that the peer is gone: keep-alive probes after 15 s of silence, and an end to
    /// retransmissions after `limit`. Does nothing on a unix socket.
    func setTCPTimeouts(limit: Duration) {
        set(SOL_SOCKET, SO_KEEPALIVE, 1)
        set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, 15)
        set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 5)
        set(Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
        set(Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, Int32(clamping: limit.nanoseconds / 1_000_000))
    }

    private func set(_ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        // A failure (a unix socket knows no TCP options) costs only the earlier notice.
        _ = setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Writes as much as the socket takes at once.
    ///
    /// - Returns: How many bytes it took; 0 when it is full.
    func send(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> Int {
        while true {
            let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
            let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags)
            if count >= 0 { return count }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK: return 0
            default: throw Failure(errno: errno)
            }
        }
    }

    /// Reads once and hands over every reply that is then complete.
    ///
    /// - Parameter handle: Gets each reply for the length of the call; returns false to leave the rest unread for good.
    /// - Returns: How many bytes came; 0 when there was nothing to read.
    func receive(_ handle: (UnsafePointer<redisReply>) -> Bool) throws(Failure) -> Int {
        let count = try read()
        guard count > 0 else { return 0 }
        let reader = context.pointee.reader
        guard redisReaderFeed(reader, buffer.baseAddress, count) == REDIS_OK else { throw readerFailure }
        while true {
            var object: UnsafeMutableRawPointer?
            guard redisReaderGetReply(reader, &object) == REDIS_OK else { throw readerFailure }
            guard let object else { break }
            defer { freeReplyObject(object) }
            guard handle(UnsafePointer(object.assumingMemoryBound(to: redisReply.self))) else { return count }
        }
        guard !isLineTooLong else { throw Failure(reason: "a line of more than 64 KiB", isProtocolError: true) }
        return count
    }

    private func read() throws(Failure) -> Int {
        while true {
            let count = Glibc.recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 { return count }
            if count == 0 { throw Failure(reason: "the server closed the connection") }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK: return 0
            default: throw Failure(errno: errno)
            }
        }
    }

    /// hiredis searches an unfinished line from its start after each read; this keeps that from growing without bound.
    private var isLineTooLong: Bool {
        guard let reader = context.pointee.reader, reader.pointee.len > reader.pointee.pos else { return false }
        return reader.pointee.len - reader.pointee.pos > Self.maxLine && chard_redis_expects_line(reader) != 0
    }

    private var readerFailure: Failure {
        guard let reader = context.pointee.reader else { return Failure(reason: "no reader", isProtocolError: true) }
        return Failure(reason: withUnsafePointer(to: reader.pointee.errstr, Self.text), isProtocolError: true)
    }

    private static func errorText(of context: UnsafePointer<redisContext>) -> String {
        withUnsafePointer(to: context.pointee.errstr, Self.text)
    }

    /// Reads one of hiredis's `char errstr[128]`, which Swift sees as a tuple.
    private static func text<Tuple>(_ tuple: UnsafePointer<Tuple>) -> String {
        let bytes = UnsafeRawBufferPointer(start: tuple, count: MemoryLayout<Tuple>.size)
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}

extension RedisSocket.Failure {
    /// glibc's `strerror` is safe to call from several threads since 2.32.
    fileprivate init(errno code: Int32) {
        self.init(reason: strerror(code).map { String(cString: $0) } ?? "errno \(code)")
    }
}
