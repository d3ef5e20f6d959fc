import Foundation
import Logging
import UnixSignals

extension Beat {
    /// Runs until TERM or Ctrl-C; a second one ends the process at once.
    package func runUntilSignal() async {
        let sequence = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let signals = Task { [logger] in
            var count = 0
            for await _ in sequence {
                count += 1
                if count > 1 {
                    logger.critical("beat: Ended before what is being sent was confirmed; it will be sent again")
                    Foundation.exit(1)
                }
                self.stop()
            }
        }
        defer { signals.cancel() }
        await run()
    }
}
