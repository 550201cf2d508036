package main

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/vkdual/vkdual/runtime"
)

// printProfile sums the last run's dispatches by operation and shader, the
// longest first.
func printProfile(w io.Writer, times []runtime.OpTime) error {
	type sum struct {
		op, module string
		n          int
		time       time.Duration
		flops      float64
	}
	type key struct{ op, module string }
	sums := map[key]*sum{}
	var order []*sum
	var total time.Duration
	for _, t := range times {
		k := key{t.Op, t.Module}
		s := sums[k]
		if s == nil {
			s = &sum{op: t.Op, module: t.Module}
			sums[k] = s
			order = append(order, s)
		}
		s.n++
		s.time += t.Time
		s.flops += t.FLOPs
		total += t.Time
	}
	slices.SortStableFunc(order, func(a, b *sum) int { return int(b.time - a.time) })
	fmt.Fprintf(w, "  %6s %10s %6s %8s  %s\n", "times", "ms", "%", "GFLOPS", "operation (shader)")
	for _, s := range order {
		rate := "–"
		if s.flops > 0 && s.time > 0 {
			rate = fmt.Sprintf("%.1f", s.flops/float64(s.time))
		}
		fmt.Fprintf(w, "  %6d %10.3f %6.1f %8s  %s (%s)\n", s.n, milliseconds(s.time), 100*float64(s.time)/float64(max(total, 1)), rate, s.op, s.module)
	}
	_, err := fmt.Fprintf(w, "  %6d %10.3f\n", len(times), milliseconds(total))
	return err
}
