// Package hub finds and fetches checkpoints of a HuggingFace-compatible hub.
//
// A [Repo] names one. A [Cache] is a folder in the layout of Python's
// huggingface_hub (models--ORG--NAME with blobs, refs and snapshots), so that
// both programs use the same files. [Cache.Find] looks there and never at a
// network; [Client.Pull] is all that ever asks a server.
//
// Layout and protocol: huggingface_hub's guide "Understand caching" and its
// file_download.py (0.36). Settings come from the variables that it knows:
// see [FromEnvironment].
//
// Everything may be used from several goroutines and processes at once: a blob
// is written under a lock, and appears under its name when it is whole.
package hub
