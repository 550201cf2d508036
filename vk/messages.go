package vk

// #cgo noescape vkd_queue_take
// #cgo nocallback vkd_queue_take
// #include <stdlib.h>
// #include "trampoline.h"
import "C"

import (
	"sync"
	"time"
	"unsafe"
)

// Message is a warning or an error of the validation layer.
type Message struct {
	Severity string // "error" or "warning"
	ID, Text string
}

// messages moves what the layer reports from the C queue to a Go function. The
// layer calls back on any thread, its driver's too, so the callback itself
// stays in C.
type messages struct {
	queue  *C.MessageQueue
	on     func(Message)
	mu     sync.Mutex // one message at a time
	stop   chan struct{}
	exited chan struct{}
}

const messagePoll = 10 * time.Millisecond

func newMessages(on func(Message)) *messages {
	if on == nil {
		on = func(Message) {}
	}
	m := &messages{queue: C.vkd_queue_new(), on: on, stop: make(chan struct{}), exited: make(chan struct{})}
	if m.queue == nil {
		panic("vk: out of memory")
	}
	go func() {
		defer close(m.exited)
		t := time.NewTicker(messagePoll)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				m.drain()
			case <-m.stop:
				return
			}
		}
	}()
	return m
}

func (m *messages) drain() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for m.queue != nil {
		var severity C.uint32_t
		var id, text *C.char
		if C.vkd_queue_take(m.queue, &severity, &id, &text) == 0 {
			return
		}
		msg := Message{Severity: "warning", ID: C.GoString(id), Text: C.GoString(text)}
		if severity >= 0x1000 {
			msg.Severity = "error"
		}
		C.free(unsafe.Pointer(id))
		C.free(unsafe.Pointer(text))
		m.on(msg)
	}
}

func (m *messages) close() {
	close(m.stop)
	<-m.exited
	m.drain()
	m.mu.Lock()
	defer m.mu.Unlock()
	C.vkd_queue_free(m.queue)
	m.queue = nil // a late Messages finds nothing
}
