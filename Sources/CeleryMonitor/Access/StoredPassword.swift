import Crypto
import CryptoExtras
import Foundation

/// A password as the settings hold it: as it is, or as a hash (scrypt, RFC 7914).
enum StoredPassword: Sendable, Hashable {
    case plain(String)
    /// `scrypt:N:r:p:salt:hash`, salt and hash in base 64 for URLs.
    case scrypt(rounds: Int, blockSize: Int, parallelism: Int, salt: Data, hash: Data)

    /// Nil: it begins as a hash does, and is none.
    init?(_ text: String) {
        guard text.hasPrefix("scrypt:") else {
            self = .plain(text)
            return
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, let rounds = Int(parts[1]), (2...1 << 20).contains(rounds),
            rounds.nonzeroBitCount == 1, let blockSize = Int(parts[2]), (1...32).contains(blockSize),
            let parallelism = Int(parts[3]), (1...16).contains(parallelism),
            let salt = Base64URL.decode(parts[4]), let hash = Base64URL.decode(parts[5]), hash.count == 32
        else { return nil }
        self = .scrypt(rounds: rounds, blockSize: blockSize, parallelism: parallelism, salt: salt, hash: hash)
    }

    /// The text for the settings: 32 MiB and about a tenth of a second for each guess
    /// (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html).
    static func hash(_ password: String) throws -> String {
        let salt = Data((0..<16).map { _ in UInt8.random(in: 0...255) })
        let (rounds, blockSize, parallelism) = (1 << 15, 8, 1)
        let hash = try derive(password, salt, rounds, blockSize, parallelism)
        return "scrypt:\(rounds):\(blockSize):\(parallelism):\(Base64URL.encode(salt)):\(Base64URL.encode(hash))"
    }

    /// In a time that tells nothing of the password but how it is stored.
    func matches(_ password: String) -> Bool {
        switch self {
        case .plain(let text): TokenDigest(of: password) == TokenDigest(of: text)
        case .scrypt(let rounds, let blockSize, let parallelism, let salt, let hash):
            (try? Self.derive(password, salt, rounds, blockSize, parallelism)).map {
                TokenDigest(of: Base64URL.encode($0)) == TokenDigest(of: Base64URL.encode(hash))
            } ?? false
        }
    }

    private static func derive(
        _ password: String,
        _ salt: Data,
        _ rounds: Int,
        _ blockSize: Int,
        _ parallelism: Int
    ) throws -> Data {
        let key = try KDF.Scrypt.deriveKey(
            from: Data(password.utf8),
            salt: salt,
            outputByteCount: 32,
            rounds: rounds,
            blockSize: blockSize,
            parallelism: parallelism
        )
        return key.withUnsafeBytes { Data($0) }
    }
}

/// The SHA-256 of a token: enough to know it again, for tokens are long and random. Compared in constant time.
struct TokenDigest: Sendable, Hashable {
    private var bytes: [UInt8]

    init(of text: String) { bytes = Array(SHA256.hash(data: Data(text.utf8))) }

    /// As in the settings: the token, or `sha256:` and its digest. Nil: too short, or no digest.
    init?(setting text: String) {
        guard text.hasPrefix("sha256:") else {
            guard text.utf8.count >= 20 else { return nil }
            self.init(of: text)
            return
        }
        self.init(of: "")
        let digits = Array(text.dropFirst("sha256:".count))
        guard digits.count == 64 else { return nil }
        let bytes = stride(from: 0, to: 64, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    static func == (one: TokenDigest, other: TokenDigest) -> Bool {
        zip(one.bytes, other.bytes).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
