import Crypto
import Foundation

/// Signs what browsers keep for us (HMAC-SHA256), so that nobody else can have written it. It hides nothing.
struct Seal: Sendable {
    private let key: SymmetricKey

    /// - Parameter secret: Nil: a key of this process alone.
    init(secret: String?) {
        key = secret.map { SymmetricKey(data: SHA256.hash(data: Data($0.utf8))) } ?? SymmetricKey(size: .bits256)
    }

    /// The text, readable, with its signature. What was sealed for one purpose opens for no other.
    func seal(_ text: String, for purpose: String) -> String {
        "\(Base64URL.encode(Data(text.utf8))).\(code(text, for: purpose))"
    }

    func open(_ sealed: String, for purpose: String) -> String? {
        let parts = sealed.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let data = Base64URL.decode(parts[0]), let text = String(data: data, encoding: .utf8),
            isCode(String(parts[1]), of: text, for: purpose)
        else { return nil }
        return text
    }

    /// The signature alone.
    func code(_ text: String, for purpose: String) -> String {
        Base64URL.encode(Data(HMAC<SHA256>.authenticationCode(for: Self.bytes(text, purpose), using: key)))
    }

    /// Compares in constant time.
    func isCode(_ code: String, of text: String, for purpose: String) -> Bool {
        guard let data = Base64URL.decode(code) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(data, authenticating: Self.bytes(text, purpose), using: key)
    }

    private static func bytes(_ text: String, _ purpose: String) -> Data { Data("\(purpose)\0\(text)".utf8) }
}

/// Base 64 with the letters of URLs, without padding (RFC 4648 §5).
enum Base64URL {
    static func encode(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    static func decode(_ text: some StringProtocol) -> Data? {
        let plain = String(text).replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4))
    }
}
