/// The decoder that a task's type sees: parameters by key, or the list of positional arguments.
struct ArgumentDecoding: Decoder {
    let binding: ArgumentBinding

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        guard type == CeleryMap.self || type == CeleryValue.self || type == [CeleryValue].self else {
            return try T(from: self)
        }
        if type == CeleryMap.self, binding.args.isEmpty, let keywords = binding.kwargs as? T {
            binding.begin(.map)
            return keywords
        }
        return try list().decode(type)
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        binding.begin(.keyed)
        return KeyedDecodingContainer(ArgumentContainer(binding: binding))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        binding.begin(.list)
        return ArgumentListContainer(binding)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { list() }

    private func list() -> ValueSingleContainer {
        binding.begin(.list)
        return ValueSingleContainer(value: .array(binding.args), path: .root)
    }
}
