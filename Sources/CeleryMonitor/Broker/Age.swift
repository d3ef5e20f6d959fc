/// How long ago something was, in words.
enum Age {
    static func text(since time: Double, now: Double) -> String { Format.duration(max(0, now - time)) }
}
