package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/vkdual/vkdual/runtime"
)

// profileTable shows what the device's time went to, without a line end.
func profileTable(sums []runtime.OpSum) string {
	var b strings.Builder
	var total runtime.OpSum
	for _, s := range sums {
		total.Count += s.Count
		total.Time += s.Time
		total.FLOPs += s.FLOPs
		total.Bytes += s.Bytes
	}
	fmt.Fprintf(&b, "  %7s %10s %6s %8s %9s %6s  %s\n", "times", "ms", "%", "GFLOP/s", "MB", "GB/s", "operation (shader)")
	row := func(s runtime.OpSum, name string) {
		fmt.Fprintf(&b, "  %7d %10.3f %6.1f %8s %9.1f %6s  %s\n", s.Count, milliseconds(s.Time), 100*float64(s.Time)/float64(max(total.Time, 1)),
			perNanosecond(s.FLOPs, s.Time), float64(s.Bytes)/1e6, perNanosecond(float64(s.Bytes), s.Time), name)
	}
	for _, s := range sums {
		row(s, fmt.Sprintf("%s (%s)", s.Op, s.Module))
	}
	row(total, "together")
	return strings.TrimSuffix(b.String(), "\n")
}

// perNanosecond is a rate in thousand millions a second.
func perNanosecond(n float64, d time.Duration) string {
	if n == 0 || d <= 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f", n/float64(d))
}
