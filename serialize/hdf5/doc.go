// Package hdf5 finds the datasets of HDF5 files as Keras writes them: superblock 0
// or 1, groups with symbol tables, datasets of plain numbers stored in one piece. Everything
// else of the format (chunks, compression, newer groups, external files) is
// refused by name.
//
// A [File]'s tensors are named by their paths and point into the mapped file. What a
// file claims is held against its size: no address is followed twice, so that the
// work and memory of opening one grow with its size only.
//
// Format: HDF5 File Format Specification, version 3.0
// (https://docs.hdfgroup.org/hdf5/develop/_f_m_t3.html); the comments name its sections.
//
// A File may be used by any number of goroutines at once until Close; no tensor
// of it may be touched after Close.
package hdf5
