import Foundation
import JWTKit

/// Why a token or a login does not count, in words for whoever sent it.
struct TokenProblem: Error, Sendable, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Checks who signed a JSON Web Token (RFC 7515, and the advice of RFC 8725: the kind of key decides which algorithms
/// count, so a public key is never taken for a secret, and `none` is nothing).
struct TokenVerifier: Sendable {
    static let maxBytes = 16 << 10

    let secrets: [String]
    let keys: KeySet?

    private struct Header: Decodable {
        var alg: String
        var kid: String?
        var crit: [String]?
    }

    /// What the token says, when it is of somebody we know.
    func claims(_ token: String) async throws -> Claims {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard token.utf8.count <= Self.maxBytes, parts.count == 3, let data = Base64URL.decode(parts[0]),
            let header = try? JSONDecoder().decode(Header.self, from: data)
        else { throw TokenProblem("it is no token") }
        guard header.crit == nil else { throw TokenProblem("it needs what this monitor does not know") }
        for collection in try await candidates(header) {
            if let claims = try? await collection.verify(token, as: Claims.self) { return claims }
        }
        throw TokenProblem("nobody known has signed it")
    }

    /// Each with one key that may have signed it.
    private func candidates(_ header: Header) async throws -> [JWTKeyCollection] {
        if let (digest, size) = Self.digest(header.alg) {
            var found: [JWTKeyCollection] = []
            // RFC 7518 §3.2: the secret must be as long as the digest.
            for secret in secrets where secret.utf8.count >= size {
                found.append(await JWTKeyCollection().add(hmac: HMACKey(from: secret), digestAlgorithm: digest))
            }
            return found
        }
        guard let algorithm = JWK.Algorithm(rawValue: header.alg), let type = Self.keyType(header.alg), let keys else {
            throw TokenProblem("it is signed by \(header.alg.prefix(20)), which does not count here")
        }
        var found: [JWTKeyCollection] = []
        for var key in await keys.keys(header.kid) where key.keyType == type {
            guard key.algorithm == nil || key.algorithm == algorithm else { continue }
            key.algorithm = algorithm
            key.keyIdentifier = JWKIdentifier(string: header.kid ?? "only")
            if let collection = try? await JWTKeyCollection().add(jwk: key) { found.append(collection) }
        }
        return found
    }

    private static func digest(_ algorithm: String) -> (DigestAlgorithm, size: Int)? {
        switch algorithm {
        case "HS256": (.sha256, 32)
        case "HS384": (.sha384, 48)
        case "HS512": (.sha512, 64)
        default: nil
        }
    }

    private static func keyType(_ algorithm: String) -> JWK.KeyType? {
        switch algorithm.prefix(2) {
        case "RS", "PS": .rsa
        case "ES": .ecdsa
        case "Ed": .octetKeyPair
        default: nil
        }
    }
}
