/// A number as JSON writes it: Python's `int` when it has neither fraction nor exponent, else its `float`.
enum JSONNumber {
    case int(Int)
    /// Digits, with their sign, that do not fit `Int`.
    case bigInt(String)
    case double(Double)
}
