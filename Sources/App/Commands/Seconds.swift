import ArgumentParser

/// A time on the command line: seconds, with a fraction if need be; at most ten years.
struct Seconds: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        guard let seconds = Double(argument), (0...315_360_000).contains(seconds) else { return nil }
        duration = .seconds(seconds)
    }
}
