package dualencoder

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/vkdual/vkdual/runtime"
)

// A task is one input of a stream.
type task struct {
	window *window
	shape  shape // of a batch of it alone
	text   encoded
	pixels []float32
	result Result
}

// kind is what a stream is of.
type kind int

const (
	ofTexts kind = iota
	ofImages
)

// each is how much one place of a batch of s takes: tokens, or numbers of a picture.
func (s shape) each() int {
	if s.texts > 0 {
		return s.length
	}
	return s.channels * s.height * s.width
}

// A window is a stretch of a stream: its inputs run in any order and are
// reported in their own.
type window struct {
	tasks []*task
	left  int           // not yet finished; guarded by crew.mu
	done  chan struct{} // closed when none is left
}

// A batch is what a device takes at once.
type batch struct {
	shape shape
	tasks []*task // at most as many as the shape has places
}

// A crew runs one stream on the devices of a pool: a goroutine for each takes
// batches from one queue. Reading inputs and delivering results is done in the
// goroutine of the caller, while the devices work.
type crew struct {
	pool  *Pool
	kind  kind
	ctx   context.Context
	stop  context.CancelFunc
	ended sync.WaitGroup // the goroutines

	mu      sync.Mutex
	changed *sync.Cond
	queue   []*task // not begun; the tasks of a window stand together
	running int     // what those that are begun and not finished take
	last    bool    // no more tasks come

	given    []*window // not yet reported; of the caller's goroutine
	reported int       // inputs
}

func newCrew(p *Pool, k kind) *crew {
	c := &crew{pool: p, kind: k}
	c.changed = sync.NewCond(&c.mu)
	return c
}

// crew starts the goroutines of a stream. The caller ends them with close.
func (p *Pool) crew(ctx context.Context, k kind) *crew {
	c := newCrew(p, k)
	c.ctx, c.stop = context.WithCancel(ctx)
	for _, d := range p.members {
		c.ended.Add(1)
		go func() {
			defer c.ended.Done()
			for b := c.take(d); b != nil; b = c.take(d) {
				c.run(d, b)
			}
		}()
	}
	return c
}

// close ends the goroutines: at once, or when what they have begun is done.
func (c *crew) close() {
	c.stop()
	c.mu.Lock()
	c.queue, c.last = nil, true
	c.mu.Unlock()
	c.changed.Broadcast()
	c.ended.Wait()
}

// give queues the tasks of w that have not failed already. They are sorted so
// that those which share a program stand together: texts by length, the longest
// first, for a batch is as long as its longest.
func (c *crew) give(w *window) {
	w.done = make(chan struct{})
	var todo []*task
	for _, t := range w.tasks {
		t.window = w
		if t.result.Err == nil {
			todo = append(todo, t)
		}
	}
	slices.SortStableFunc(todo, func(a, b *task) int {
		return cmp.Or(cmp.Compare(b.shape.each(), a.shape.each()), cmp.Compare(b.shape.height, a.shape.height))
	})
	c.given = append(c.given, w)
	c.mu.Lock()
	w.left = len(todo)
	c.queue = append(c.queue, todo...)
	c.mu.Unlock()
	if len(todo) == 0 {
		close(w.done)
	}
	c.changed.Broadcast()
}

// deliver reports windows that are done, in order, and waits for them while
// more than so many are given. It returns false when the caller wants no more.
func (c *crew) deliver(ctx context.Context, most int, yield func(int, Result) bool) bool {
	for len(c.given) > 0 {
		w := c.given[0]
		if len(c.given) <= most {
			select {
			case <-w.done:
			default:
				return true
			}
		}
		<-w.done
		c.given = c.given[1:]
		for _, t := range w.tasks {
			if !yield(c.reported, t.result) || ended(ctx, t.result.Err) {
				return false
			}
			c.reported++
		}
	}
	return true
}

// finish waits for what was given and reports it.
func (c *crew) finish(ctx context.Context, yield func(int, Result) bool) {
	c.mu.Lock()
	c.last = true
	c.mu.Unlock()
	c.changed.Broadcast()
	c.deliver(ctx, 0, yield)
}

// take is the next batch for d, as soon as there is one; nil at the end.
func (c *crew) take(d *member) *batch {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		if b := c.cut(d); b != nil {
			return b
		}
		if c.pool.dropped(d) {
			c.changed.Broadcast() // what was left to d
			return nil
		}
		if c.last && len(c.queue) == 0 && c.running == 0 { // what runs may come back
			return nil
		}
		c.changed.Wait()
	}
}

// cut takes a batch for d off the queue; nil where there is none, or where the
// others will be done with all of it before d were with one input.
func (c *crew) cut(d *member) *batch {
	if len(c.queue) == 0 || c.pool.dropped(d) {
		return nil
	}
	same := 1
	first := c.queue[0]
	for same < len(c.queue) && c.queue[same].window == first.window && c.queue[same].shape.picture == first.shape.picture {
		same++
	}
	places := c.places(d, d.capacity(c.kind).batch(d.maxBatch(c.kind), first.shape.each()))
	if places == 0 {
		return nil
	}
	n, size := pack(same, places, func(i int) int { return c.queue[i].shape.each() })
	b := &batch{shape: first.shape, tasks: slices.Clone(c.queue[:n])}
	if c.kind == ofTexts {
		b.shape.texts = size
	} else {
		b.shape.images = size
	}
	c.queue = c.queue[n:]
	c.running += size * b.shape.each()
	return b
}

// places is how many places a batch of d may have, out of most. All batches are
// to take about the same time on every device, and no device is to work on when
// the others are done.
func (c *crew) places(d *member, most int) int {
	s := c.pool.speeds(d, c.kind)
	switch {
	case s.devices == 1:
		return most
	case !s.known:
		return max(1, powerOfTwo(most/4)) // to learn how fast it is
	}
	n := int(speed(most) * s.own / s.fastest)
	if c.last {
		waiting := 0
		for _, t := range c.queue {
			waiting += t.shape.each()
		}
		one := c.queue[0].shape.each()
		if s.own < s.fastest && speed(one)/s.own > speed(waiting+c.running)/(s.all-s.own) {
			return 0
		}
		n = min(n, int(speed(waiting)*s.own/s.all)/one)
	}
	if n >= most {
		return most
	}
	return max(1, powerOfTwo(n))
}

// run runs a batch, and decides what becomes of its tasks.
func (c *crew) run(d *member, b *batch) {
	took, err := d.embed(c.ctx, b)
	switch {
	case err == nil:
		c.pool.ran(d, c.kind, b, took)
	case c.ctx.Err() != nil:
		c.done(b, err)
		return
	case tooLarge(err, b.shape):
		d.capacity(c.kind).less(b.shape.rows() * b.shape.each())
		c.again(b)
		return
	case c.pool.drop(d, err):
		c.again(b)
		return
	}
	c.done(b, err)
}

// done counts the tasks of b as finished; err, if any, is their fault.
func (c *crew) done(b *batch, err error) {
	c.mu.Lock()
	for _, t := range b.tasks {
		if err != nil {
			t.result.Err = err
		}
		t.pixels, t.text = nil, encoded{}
		if t.window.left--; t.window.left == 0 {
			close(t.window.done)
		}
	}
	c.running -= b.shape.rows() * b.shape.each()
	c.mu.Unlock()
	c.changed.Broadcast()
}

// again puts the tasks of b back to the head of the queue.
func (c *crew) again(b *batch) {
	c.mu.Lock()
	c.queue = append(slices.Clone(b.tasks), c.queue...)
	c.running -= b.shape.rows() * b.shape.each()
	c.mu.Unlock()
	c.changed.Broadcast()
}

// capacity is what the device was found to take at once.
func (m *Model) capacity(k kind) *capacity {
	if k == ofTexts {
		return &m.tokens
	}
	return &m.images
}

// embed runs a batch, and gives the time that it took without the recording of
// its program. Places without an input hold nothing of meaning.
func (m *Model) embed(ctx context.Context, b *batch) (took time.Duration, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	err = m.programs.use(b.shape, func(p *runtime.Program) error {
		begin := time.Now()
		embeds := imageEmbeds
		if b.shape.texts > 0 {
			embeds = textEmbeds
			m.placeTexts(p, b)
		} else {
			placeImages(p, b)
		}
		m.dev.Span("upload", "write inputs", begin, time.Now())
		if err := p.Run(ctx); err != nil {
			return err
		}
		m.deal(b.tasks, runtime.F32s(p.Output(embeds)))
		took = time.Since(begin)
		return nil
	})
	return took, err
}

// deal copies row j of embeddings to the result of task j, where it is finite.
func (m *Model) deal(tasks []*task, embeddings []float32) {
	d := m.Dim()
	for j, t := range tasks {
		row := embeddings[j*d : (j+1)*d]
		if slices.ContainsFunc(row, func(v float32) bool { return v-v != 0 }) {
			t.result.Err = ErrNotFinite
			continue
		}
		t.result.Embedding = slices.Clone(row)
	}
}
