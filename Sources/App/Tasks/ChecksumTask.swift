import CeleryWorker
import Crypto
import Foundation

/// `data.processing.checksum(url=None, text=None)` returns the SHA-256 and the size in bytes of one of the two.
///
/// A text is taken as UTF-8. A URL must be http or https and is fetched from wherever the worker can reach; local files
/// are never read. Python sees ValueError for wrong arguments, OSError for a download that failed, TimeoutError for one
/// that took too long.
struct ChecksumTask: RunnableTask {
    static let name = "data.processing.checksum"

    var url: String?
    var text: String?

    struct Checksum: Codable {
        /// 64 lowercase hexadecimal digits.
        var sha256: String
        var size: Int
    }

    func run(_ context: TaskContext) async throws -> Checksum {
        switch (url, text) {
        case (let url?, nil): return try await Self.checksum(at: url)
        case (nil, let text?): return Self.checksum(of: text)
        default: throw ExceptionRecord.valueError("give either url or text")
        }
    }

    private static func checksum(of text: String) -> Checksum {
        let bytes = Array(text.utf8)
        return Checksum(sha256: hex(SHA256.hash(data: bytes)), size: bytes.count)
    }

    private static func checksum(at url: String) async throws -> Checksum {
        let hash = try await HTTPDownload().reduce(url, into: (SHA256(), 0)) { hash, bytes in
            hash.0.update(data: bytes)
            hash.1 += bytes.count
        }
        return Checksum(sha256: hex(hash.0.finalize()), size: hash.1)
    }

    private static func hex(_ digest: SHA256.Digest) -> String {
        digest.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
