// A worker's program needs the words of the protocol (values, exceptions, states) beside this module's own, and
// loggers.
@_exported public import CeleryProtocol
@_exported public import Logging
