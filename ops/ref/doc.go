// Package ref computes the operations of package ops in plain Go and float64.
// It is the oracle of every kernel: short, slow and without tricks. Arguments
// stand in the order of the operation's.
package ref
