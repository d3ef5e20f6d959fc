import CeleryProtocol
import OrderedCollections

extension ControlRequest {
    /// Whether a node is meant (`kombu/pidbox.py` `Node.handle_message`, `kombu/matcher.py`): by its name, else by the
    /// pattern, else everyone is.
    ///
    /// - Throws: `ControlMessageError` for an unknown matcher or a broken expression.
    func isMeant(for nodename: String) throws(ControlMessageError) -> Bool {
        if !destination.isEmpty { return destination.contains(nodename) }
        guard let pattern, !pattern.isEmpty, let matcher, !matcher.isEmpty else { return true }
        switch matcher {
        case "glob": return GlobPattern(fnmatch: pattern).matches(nodename)
        case "pcre":
            do {
                return try Regex(pattern).prefixMatch(in: nodename) != nil
            } catch {
                throw ControlMessageError("its pattern '\(pattern)' is no regular expression: \(error)")
            }
        default: throw ControlMessageError("No matcher installed for \(matcher)")
        }
    }
}
