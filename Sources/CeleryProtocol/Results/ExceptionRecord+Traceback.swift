extension ExceptionRecord {
    /// One line of a traceback: where the program was.
    public struct Frame: Sendable, Hashable {
        public var file: String
        public var line: Int
        public var function: String

        public init(file: String, line: Int, function: String) {
            self.file = file
            self.line = line
            self.function = function
        }
    }

    /// Text that looks like Python's traceback, outermost frame first, ending in a newline.
    public func traceback(_ frames: [Frame] = []) -> String {
        var text = "Traceback (most recent call last):\n"
        for frame in frames { text += "  File \"\(frame.file)\", line \(frame.line), in \(frame.function)\n" }
        return text + lastLine + "\n"
    }

    /// `ValueError: x`; the module stands before the name unless it is `builtins` or `__main__`.
    private var lastLine: String {
        var name = type
        if let module, module != "builtins", module != "__main__" { name = module + "." + type }
        let text = pythonString
        return text.isEmpty ? name : name + ": " + text
    }
}
