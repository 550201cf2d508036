package dualencoder

import "testing"

func TestBucketsHoldTheirTextsAndAreFew(t *testing.T) {
	for _, limit := range []int{1, 7, 8, 30, 77, 512, 514} {
		seen := map[int]bool{}
		for n := 1; n <= limit; n++ {
			b := bucket(n, limit)
			if b < n || b > limit {
				t.Fatalf("bucket(%d, %d) = %d", n, limit, b)
			}
			if bucket(b, limit) != b {
				t.Errorf("bucket(%d, %d) = %d, which is not its own bucket", n, limit, b)
			}
			seen[b] = true
		}
		if len(seen) > 30 {
			t.Errorf("limit %d: %d buckets", limit, len(seen))
		}
	}
}

func TestBatchesCoverEveryInput(t *testing.T) {
	for most := 1; most <= 40; most++ {
		sizes := map[int]bool{}
		for n := 1; n <= 300; n++ {
			places := 0
			for _, s := range batches(n, most) {
				if s < 1 || s > most {
					t.Fatalf("batches(%d, %d) has a run of %d", n, most, s)
				}
				sizes[s] = true
				places += s
			}
			if places < n || places > n+n/3 {
				t.Fatalf("batches(%d, %d) = %v: %d places", n, most, batches(n, most), places)
			}
		}
		if len(sizes) > 7 {
			t.Errorf("most %d: sizes %v", most, sizes)
		}
	}
}

// Inputs share a batch where that leaves little of it empty.
func TestPack(t *testing.T) {
	for name, c := range map[string]struct {
		each           []int
		most           int
		inputs, places int
	}{
		"one":                      {[]int{8}, 32, 1, 1},
		"alike":                    {[]int{8, 8, 8, 8, 8, 8, 8, 8}, 32, 8, 8},
		"more than a batch":        {[]int{8, 8, 8, 8, 8, 8, 8, 8}, 5, 5, 5},
		"few short ones":           {[]int{8, 8, 8, 4, 4, 4, 4}, 32, 7, 8},
		"a long one stands alone":  {[]int{512, 8, 8, 8}, 32, 1, 1},
		"pictures fill each place": {[]int{1e5, 1e5, 1e5}, 32, 2, 2},
	} {
		inputs, places := pack(len(c.each), c.most, func(i int) int { return c.each[i] })
		if inputs != c.inputs || places != c.places {
			t.Errorf("%s: %d inputs in %d places, want %d in %d", name, inputs, places, c.inputs, c.places)
		}
	}
}
