// Package pytorch reads the tensors of files that torch.save wrote: a state dict
// in the zip container (PyTorch 1.6 and later) or in the legacy stream of
// pickles before it.
//
// A pickle is a program. The one here runs on a restricted machine: of all the
// functions that a pickle can name it knows those that a state dict needs (a
// table in globals.go: OrderedDict, the storage types, the functions that rebuild tensors), and it has an
// effect of its own for each; any other name is refused, in the message by
// that name, and nothing outside this package is ever called. Its memory is
// bounded by the size of the pickle.
//
// Storages are not copied: a [File]'s tensors point into the mapped file, views with
// their strides. Formats: the pickle protocol
// (https://docs.python.org/3/library/pickletools.html), and torch.save's layout
// (https://pytorch.org/docs/stable/notes/serialization.html).
//
// A File may be used by any number of goroutines at once until Close; no tensor
// of it may be touched after Close.
package pytorch
