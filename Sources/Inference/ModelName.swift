/// Names of models as Ollama compares them.
enum ModelName {
    /// The name with its tag: `all-minilm` means `all-minilm:latest`.
    static func full(_ name: String) -> String {
        let last = name.split(separator: "/").last ?? ""
        return last.contains(":") ? name : name + ":latest"
    }

    /// The name as people write it.
    static func short(_ name: String) -> String {
        name.hasSuffix(":latest") ? String(name.dropLast(":latest".count)) : name
    }
}
