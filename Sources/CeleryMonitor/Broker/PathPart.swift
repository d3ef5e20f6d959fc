import Foundation

/// A name as one part of a path.
enum PathPart {
    private static let allowed = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~@:"
    )

    static func encoded(_ name: String) -> String {
        name.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
    }
}
