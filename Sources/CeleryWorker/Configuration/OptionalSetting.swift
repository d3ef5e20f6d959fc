/// A setting that can be switched off by `none`, which is not the same as saying nothing about it.
public enum OptionalSetting<Value> {
    case off
    case on(Value)

    public var value: Value? {
        if case .on(let value) = self { value } else { nil }
    }
}

extension OptionalSetting: Sendable where Value: Sendable {}
extension OptionalSetting: Equatable where Value: Equatable {}
extension OptionalSetting: Hashable where Value: Hashable {}
