import CeleryProtocol
import Connections
import OrderedCollections

extension SignalName {
    /// The full name of what a client of `terminate` gives: `TERM`, `SIGTERM`, 15; nothing is TERM
    /// (`celery/platforms.py`, `Signals.signum`).
    ///
    /// - Throws: the exception that Python raises for anything else.
    static func normalized(_ value: CeleryValue?) throws(ExceptionRecord) -> String {
        switch value {
        case nil, .null, .string(""), .int(0), .bool(false): return "SIGTERM"
        case .int(let number):
            guard let name = Int32(exactly: number).flatMap(SignalName.of) else {
                throw .valueError("signal number \(number) out of range")
            }
            return name
        case .string(let text) where text == text.uppercased() && text != text.lowercased():
            let name = text.hasPrefix("SIG") ? text : "SIG" + text
            guard SignalName.number(of: name) != nil else {
                throw .builtin("AttributeError", "module 'signal' has no attribute '\(name)'")
            }
            return name
        default: throw .typeError("signal name must be uppercase string.")
        }
    }
}
