// A worker's program needs the words of the protocol (values, exceptions, states) beside this module's own, loggers,
// and the literals of `CeleryMap`.
@_exported public import CeleryProtocol
@_exported public import Logging
@_exported public import OrderedCollections
