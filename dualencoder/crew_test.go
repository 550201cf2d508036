package dualencoder

import (
	"errors"
	"log/slog"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/internal/tolerance"
)

// team is a crew without goroutines or devices, whose stream of texts is
// given whole, for members of those speeds in tokens a second (0: unknown).
func team(lengths []int, speeds ...float64) *crew {
	p := &Pool{}
	for _, s := range speeds {
		m := &Model{log: slog.New(slog.DiscardHandler)}
		p.members = append(p.members, &member{Model: m, speed: [2]speed{ofTexts: speed(s)}})
	}
	c := newCrew(p, ofTexts)
	size := firstWindow * p.maxBatch(ofTexts)
	for len(lengths) > 0 {
		w := &window{}
		for _, n := range lengths[:min(size, len(lengths))] {
			w.tasks = append(w.tasks, &task{shape: shape{texts: 1, length: bucket(n, 64)}})
		}
		lengths = lengths[len(w.tasks):]
		c.give(w)
		size = min(2*size, lastWindow*p.maxBatch(ofTexts))
	}
	c.last = true
	return c
}

// Most of the places that run hold a token, and no more programs are
// recorded than are kept.
func TestFewPlacesOfMixedTextsAreEmpty(t *testing.T) {
	mixed, sum := mixedLengths()
	c := team(mixed, 0)
	shapes, places, texts := map[shape]bool{}, 0, 0
	for b := c.take(c.pool.members[0]); b != nil; b = c.take(c.pool.members[0]) {
		for _, x := range b.tasks {
			require.LessOrEqual(t, x.shape.length, b.shape.length)
		}
		shapes[b.shape] = true
		places += b.shape.texts * b.shape.length
		texts += len(b.tasks)
		c.done(b, nil)
	}
	require.Equal(t, len(mixed), texts)
	require.Greater(t, float64(sum), tolerance.Filled*float64(places))
	require.LessOrEqual(t, len(shapes), 32)
}

// Devices of any speeds, which nobody knew before, are done together: no one
// works on for long when the others have nothing left.
func TestDevicesOfUnlikeSpeedAreDoneTogether(t *testing.T) {
	const tokens = 30
	lengths := make([]int, 2000)
	for i := range lengths {
		lengths[i] = tokens
	}
	for _, speeds := range [][]float64{{1}, {1, 1}, {1, 10}, {10, 1}, {1, 100}, {1, 1000}, {3, 5, 7}, {1, 2, 50}, {9, 9, 10}} {
		c := team(lengths, make([]float64, len(speeds))...)
		type one struct {
			busy  *batch
			until float64
		}
		devices := make([]one, len(speeds))
		now, all, fastest := 0.0, 0.0, 0.0
		for _, s := range speeds {
			all, fastest = all+s, math.Max(fastest, s)
		}
		for {
			next := -1
			for i := range devices {
				if d := &devices[i]; d.busy == nil {
					if d.busy = c.cut(c.pool.members[i]); d.busy != nil {
						d.until = now + float64(d.busy.shape.texts*tokens)/speeds[i]
					}
				}
				if devices[i].busy != nil && (next < 0 || devices[i].until < devices[next].until) {
					next = i
				}
			}
			if next < 0 {
				break
			}
			b := devices[next].busy
			now, devices[next].busy = devices[next].until, nil
			took := float64(b.shape.texts*tokens) / speeds[next]
			c.pool.ran(c.pool.members[next], ofTexts, b, time.Duration(took*float64(time.Second)))
			c.done(b, nil)
		}
		require.Empty(t, c.queue, "%v", speeds)
		ideal := float64(len(lengths)*bucket(tokens, 64)) / all
		// Two batches are taken before speeds are known: a slow device may hold
		// 8 inputs each time.
		slowest := speeds[0]
		for _, s := range speeds {
			slowest = math.Min(slowest, s)
		}
		bound := math.Max(tolerance.Balanced*ideal, 16*float64(bucket(tokens, 64))/slowest)
		require.LessOrEqual(t, now, bound*1.0001, "%v", speeds)
	}
}

// The end is left to the fast device, unless that is lost.
func TestASlowDeviceLeavesTheEndToAFastOne(t *testing.T) {
	c := team([]int{30}, 1, 1000)
	slow, fast := c.pool.members[0], c.pool.members[1]
	require.Nil(t, c.cut(slow))
	fast.lost = errors.New("lost")
	require.Nil(t, c.take(fast))
	require.NotNil(t, c.take(slow))
}
