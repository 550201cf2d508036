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
		if len(seen) > 14 {
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
