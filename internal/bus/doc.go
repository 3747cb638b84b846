// Package bus is how leastwise uses JetStream: connecting, publishing batches
// durably, consuming with one rule for acknowledgements, and dead letters.
//
// The rule, for every consumer: a handler that returns nil has its message
// acknowledged; a Poison error sends the message to the dead letters and
// terminates it; any other error has it delivered again after a growing delay,
// and sends it to the dead letters after the consumer's last delivery. A handler
// returns nil only after what the message caused is durable.
//
// Waiting for a downstream that is not there (a full stream, a warehouse that
// restarts) is not an error of the message: Publisher waits it out, and so
// should handlers, for as long as their context lives.
package bus
