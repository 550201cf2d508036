package main

import (
	"context"
	"math"
	goruntime "runtime"
	"slices"
	"time"

	"github.com/vkdual/vkdual/runtime"
)

// measured are times in milliseconds.
type measured struct {
	runs              int
	median, min, host float64 // host: the median of what a run costs this program itself
	allocs            int     // a run
}

// measure runs p so many times; 0 means for a second, and at least five times.
func measure(ctx context.Context, p *runtime.Program, runs int) (m measured, err error) {
	const (
		warmUps    = 2
		atLeast    = 5
		atMost     = 1 << 16
		longEnough = time.Second
	)
	for begin := time.Now(); m.runs < warmUps && time.Since(begin) < longEnough; m.runs++ {
		if err := p.Run(ctx); err != nil {
			return m, err
		}
	}
	room := runs
	if runs == 0 {
		room = atMost
	}
	total, host := make([]float64, 0, room), make([]float64, 0, room)
	var before, after goruntime.MemStats
	goruntime.ReadMemStats(&before)
	begin := time.Now()
	for len(total) < room && (runs > 0 || len(total) < atLeast || time.Since(begin) < longEnough) {
		start := time.Now()
		if err := p.Run(ctx); err != nil {
			return m, err
		}
		total = append(total, milliseconds(time.Since(start)))
		host = append(host, milliseconds(p.Stats().Host))
	}
	goruntime.ReadMemStats(&after)
	m.runs = len(total)
	m.min = slices.Min(total)
	m.median, m.host = median(total), median(host)
	m.allocs = int(math.Round(float64(after.Mallocs-before.Mallocs) / float64(m.runs)))
	return m, nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / 1e6 }

// median sorts x.
func median(x []float64) float64 {
	slices.Sort(x)
	n := len(x)
	return (x[(n-1)/2] + x[n/2]) / 2
}

// rounded keeps four digits: more are noise.
func rounded(x float64) float64 {
	if x == 0 || math.IsInf(x, 0) || math.IsNaN(x) {
		return 0
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(x)))-3)
	if unit < 1 {
		return math.Round(x/unit) / math.Round(1/unit)
	}
	return math.Round(x/unit) * unit
}
