import Foundation
import Glibc
import Testing

@testable import Connections

/// Something that is no Redis: it answers the login with PONG, waits for one more command, and then says what it was told to.
enum RedisFakeServer {
    static let isMissing = !FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")
    static let reason: Comment = "python3 is not installed"

    private static let program = """
        import socket, sys
        answer, step = sys.stdin.buffer.read(), int(sys.argv[1])
        listener = socket.create_server(("127.0.0.1", 0))
        print(listener.getsockname()[1], flush=True)
        while True:
            peer = listener.accept()[0]
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                peer.recv(65536)
                peer.sendall(b"+PONG\\r\\n")
                if not peer.recv(65536): continue
                for start in range(0, len(answer), step): peer.sendall(answer[start:start + step])
                while peer.recv(65536): pass
            except OSError: pass
            peer.close()
        """

    /// Runs `body` with such a server.
    ///
    /// - Parameters:
    ///   - answer: What it says.
    ///   - step: How many bytes it sends at a time.
    static func run<Result>(
        saying answer: [UInt8],
        step: Int = 1 << 20,
        _ body: (RedisURL) async throws -> Result
    ) async throws -> Result {
        let process = Process()
        let output = Pipe()
        let input = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", program, "\(step)"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        try input.fileHandleForWriting.write(contentsOf: answer)
        try input.fileHandleForWriting.close()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let port = try #require(Int(line.filter(\.isNumber)))
        return try await body(RedisURL(endpoint: .tcp(host: "127.0.0.1", port: port)))
    }
}
