/// The version of this package, as `chard --version` and monitors show it.
public enum ChardVersion {
    public static let current = "0.1.0"
}
