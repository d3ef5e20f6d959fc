extension PythonRepr {
    /// `saferepr` of a value that is at hand as JSON text; what is longer than 64 KiB is not parsed for a line of 1,024
    /// characters, only its size is said.
    public static func repr(json: [UInt8]) -> String {
        if json.count <= 20, json.allSatisfy({ $0 &- ASCII.zero < 10 || $0 == ASCII.minus }) {
            return String(decoding: json, as: UTF8.self)
        }
        guard json.count < 1 << 16, let value = try? JSONParser.parse(json) else { return "<\(json.count) bytes>" }
        return repr(value)
    }
}
