package ops

import (
	"fmt"

	"github.com/vkdual/vkdual/ops/ref"
	"github.com/vkdual/vkdual/runtime"
)

// singleTrials are the known answers of the operations that have one kernel.
func singleTrials() []trial {
	var ts []trial
	add := func(kernel, size string, record func(l *lab) runtime.Tensor, want func() []float64) {
		ts = append(ts, trial{kernel: kernel, size: size, record: record, want: want})
	}

	for _, n := range []int{1, 67, 64 * 1031} {
		a, b := random(1, n), random(2, n)
		add("add", fmt.Sprint(n),
			func(l *lab) runtime.Tensor { return Add(l.r, l.input(a, n), l.input(b, n)) },
			func() []float64 {
				y := make([]float64, n)
				for i := range y {
					y[i] = a[i] + b[i]
				}
				return y
			})
	}

	for _, n := range []int{1, 67, 1031} {
		x := random(24, n)
		for _, turns := range []int{0, 1} { // after more, all is 0.75 to the last digit
			add("multiply_add", fmt.Sprintf("%d×%d", n, turns),
				func(l *lab) runtime.Tensor { return MultiplyAdd(l.r, l.input(x, n), turns) },
				func() []float64 { return ref.MultiplyAdd(x, turns) })
		}
	}

	// Each function over its whole range, by unequal steps; small and large
	// arguments apart, since the error is held against the largest result.
	for _, name := range ActivationNames() {
		if activations[name] == Identity {
			continue
		}
		for _, span := range []float64{0.01, 1, 12, 100} {
			x := random(3, 1009)
			for i := range x {
				x[i] = float64(float32(x[i] * span))
			}
			add("activate", fmt.Sprintf("%s to ±%g", name, span),
				func(l *lab) runtime.Tensor { return Activate(l.r, l.input(x, len(x)), activations[name]) },
				func() []float64 {
					y := make([]float64, len(x))
					for i := range x {
						y[i] = ref.Activations[name](x[i])
					}
					return y
				})
		}
	}

	for _, t := range []runtime.DType{runtime.F32, runtime.F16, runtime.BF16, runtime.Q8} {
		for _, base := range []bool{false, true} {
			const rows, width, b, n = 53, 37, 3, 11
			table, before := random(4, rows*width), random(5, b*n*width)
			ids := make([]uint32, b*n)
			for i := range ids {
				ids[i] = uint32(i*i+52) % rows
			}
			if !base {
				before = nil
			}
			add("embed", fmt.Sprintf("%v base %v", t, base),
				func(l *lab) runtime.Tensor {
					p := l.pack
					p.DType = t
					tab, err := p.Table("table", rows, width, func(row int, dst []float32) error {
						copy(dst, singles(table[row*width:][:width]))
						return nil
					})
					l.fail(err)
					var first runtime.Tensor
					if base {
						first = l.input(before, b, n, width)
					}
					return Embed(l.r, first, tab, l.ids(ids, b, n))
				},
				func() []float64 { return ref.Embed(before, heldRows(table, width, t), ids, width) })
		}
	}

	for _, t := range attentionSizes {
		ts = append(ts, t.probs())
		if t.bias == 0 && t.regions == 0 && !t.causal {
			ts = append(ts, t.scores())
		}
	}

	// Among the normal numbers, and where f16 has only multiples of 2^-24.
	for _, t := range []runtime.DType{runtime.F16, runtime.BF16} {
		for _, span := range []float64{0x1p-23, 0x1p-15, 1, 60000} {
			x := random(23, 1009)
			for i := range x {
				x[i] = float64(float32(x[i] * span))
			}
			add("round", fmt.Sprintf("%v to ±%.3g", t, span),
				func(l *lab) runtime.Tensor {
					y := SelectToken(l.r, l.input(x, 1, 1, len(x)), 0) // an input cannot be written
					round(l.r, y, t)
					return y
				},
				func() []float64 { return held(x, t) })
		}
	}

	for _, s := range [][5]int{{1, 1, 1, 1, 1}, {2, 7, 30, 3, 7}, {3, 13, 24, 2, 19}} {
		b, t, d, heads, n := s[0], s[1], s[2], s[3], s[4]
		qkv, table := random(21, b*t*3*d), random(22, (2*n-1)*d/heads)
		for _, keys := range []bool{false, true} {
			add("distance_bias", fmt.Sprint(s, " keys ", keys),
				func(l *lab) runtime.Tensor {
					return DistanceBias(l.r, DistanceInput{l.input(qkv, b, t, 3*d), l.input(table, 2*n-1, d/heads), heads, keys, 0.5})
				},
				func() []float64 { return ref.DistanceBias(qkv, table, b, t, d, heads, n, keys, 0.5) })
		}
	}

	for _, s := range [][6]int{{1, 1, 1, 1, 1, 1}, {2, 3, 21, 35, 7, 5}, {3, 1, 17, 11, 5, 3}} {
		b, c, h, w, ph, pw := s[0], s[1], s[2], s[3], s[4], s[5]
		x := random(6, b*c*h*w)
		add("patches", fmt.Sprint(s),
			func(l *lab) runtime.Tensor { return Patches(l.r, l.input(x, b, c, h, w), ph, pw) },
			func() []float64 { return ref.Patches(x, b, c, h, w, ph, pw) })
	}

	for _, s := range [][5]int{{1, 1, 1, 0, 1}, {3, 2, 13, 0, 7}, {2, 1, 49, 3, 64}, {2, 0, 5, 2, 9}} {
		b, n, p, e, d := s[0], s[1], s[2], s[3], s[4]
		before, x, after, positions := random(7, n*d), random(8, b*p*d), random(17, e*d), random(9, (n+p+e)*d)
		for _, have := range []bool{true, false} {
			add("join_tokens", fmt.Sprint(s, " positions ", have),
				func(l *lab) runtime.Tensor {
					var with Joined
					if n > 0 {
						with.Before = l.input(before, n, d)
					}
					if e > 0 {
						with.After = l.input(after, e, d)
					}
					if have {
						with.Positions = l.input(positions, n+p+e, d)
					}
					return JoinTokens(l.r, l.input(x, b, p, d), with)
				},
				func() []float64 {
					if !have {
						return ref.JoinTokens(before, x, after, nil, b, p, d)
					}
					return ref.JoinTokens(before, x, after, positions, b, p, d)
				})
		}
		add("select_token", fmt.Sprint(s),
			func(l *lab) runtime.Tensor { return SelectToken(l.r, l.input(x, b, p, d), p-1) },
			func() []float64 { return ref.SelectToken(x, b, p, d, p-1) })
		ids := make([]uint32, b*p) // with the highest twice
		for i := range ids {
			ids[i] = uint32(i*i+3) % 11
		}
		for _, id := range []uint32{1, 12} {
			add("pick_token", fmt.Sprint(s, " first of ", id),
				func(l *lab) runtime.Tensor { return SelectFirst(l.r, l.input(x, b, p, d), l.ids(ids, b, p), id) },
				func() []float64 { return ref.SelectFirst(x, ids, b, p, d, id) })
		}
		add("pick_token", fmt.Sprint(s, " highest"),
			func(l *lab) runtime.Tensor { return SelectHighest(l.r, l.input(x, b, p, d), l.ids(ids, b, p)) },
			func() []float64 { return ref.SelectHighest(x, ids, b, p, d) })
	}

	for _, s := range [][3]int{{1, 1, 1}, {3, 13, 7}, {2, 50, 64}} {
		b, n, d := s[0], s[1], s[2]
		x, weight, bias := random(14, b*n*d), random(15, d), random(16, d)
		index := make([]uint32, 2*n+1)
		for i := range index {
			if index[i] = uint32(i*7+3) % uint32(n); i%5 == 4 {
				index[i] = NoRow
			}
		}
		add("gather_rows", fmt.Sprint(s),
			func(l *lab) runtime.Tensor { return GatherRows(l.r, l.input(x, b, n, d), index) },
			func() []float64 { return ref.GatherRows(x, index, b, n, d) })
		add("mean_tokens", fmt.Sprint(s),
			func(l *lab) runtime.Tensor { return MeanTokens(l.r, l.input(x, b, n, d), n/5) },
			func() []float64 { return ref.MeanTokens(x, b, n, d, n/5) })
		add("affine", fmt.Sprint(s, " bias"),
			func(l *lab) runtime.Tensor { return Affine(l.r, l.input(x, b, n, d), l.vector(weight), l.vector(bias)) },
			func() []float64 { return ref.Affine(x, weight, bias) })
		add("affine", fmt.Sprint(s),
			func(l *lab) runtime.Tensor {
				return Affine(l.r, l.input(x, b, n, d), l.vector(weight), runtime.Tensor{})
			},
			func() []float64 { return ref.Affine(x, weight, nil) })
	}

	for _, s := range [][3]int{{1, 1, 1}, {13, 16, 7}, {50, 3, 64}} {
		n, taps, d := s[0], s[1], s[2]
		const rows = 11
		x, weight := random(18, rows*d), random(19, n*taps)
		sums, index := make([][]Tap, n), make([]int, n*taps)
		for i := range index {
			index[i] = (i*i + 3) % rows
			sums[i/taps] = append(sums[i/taps], Tap{index[i], float32(weight[i])})
		}
		add("weighted_rows", fmt.Sprint(s),
			func(l *lab) runtime.Tensor { return WeightedRows(l.r, l.input(x, rows, d), sums) },
			func() []float64 { return ref.WeightedRows(x, index, weight, taps, d) })

		pairs := make([]uint32, n*n)
		for i := range pairs {
			pairs[i] = uint32(i*i+5) % rows
		}
		add("pair_bias", fmt.Sprint(s),
			func(l *lab) runtime.Tensor { return PairBias(l.r, l.input(x, rows, d), l.ids(pairs, n, n)) },
			func() []float64 { return ref.PairBias(x, pairs, d) })

		halves := random(20, n*taps*2*d)
		add("gate", fmt.Sprint(s),
			func(l *lab) runtime.Tensor { return Gate(l.r, l.input(halves, n, taps, 2*d), SiLU) },
			func() []float64 { return ref.Gate(halves, "silu", n*taps, d) })
	}

	for _, s := range [][4]int{{1, 1, 1, 1}, {2, 5, 3, 7}, {3, 49, 2, 32}} {
		b, n, heads, width := s[0], s[1], s[2], s[3]
		qkv, scale := random(21, b*n*3*heads*width), random(22, heads)
		clear(qkv[:heads*width]) // vectors of zeros
		add("cosine_heads", fmt.Sprint(s),
			func(l *lab) runtime.Tensor {
				return CosineHeads(l.r, l.input(qkv, b, n, 3*heads*width), l.vector(scale), 0.5)
			},
			func() []float64 { return ref.CosineHeads(qkv, scale, b*n, width, 0.5) })
	}

	for _, s := range [][2]int{{1, 1}, {5, 67}, {3, 512}} {
		n, d := s[0], s[1]
		x := random(10, n*d)
		add("normalize", fmt.Sprint(s),
			func(l *lab) runtime.Tensor { return Normalize(l.r, l.input(x, n, d)) },
			func() []float64 { return ref.Normalize(x, n, d) })
	}

	for _, s := range [][3]int{{1, 1, 1}, {5, 3, 67}, {13, 17, 128}} {
		m, n, d := s[0], s[1], s[2]
		a, b := random(11, m*d), random(12, n*d)
		add("similarity", fmt.Sprint(s),
			func(l *lab) runtime.Tensor { return Similarity(l.r, l.input(a, m, d), l.input(b, n, d), 14.25, -10.5) },
			func() []float64 { return ref.Similarity(a, b, m, n, d, 14.25, -10.5) })
	}

	for _, n := range []int{1, 2, 67, 131} {
		x := random(13, n*n)
		add("contrastive_loss", fmt.Sprint(n),
			func(l *lab) runtime.Tensor { return ContrastiveLoss(l.r, l.input(x, n, n)) },
			func() []float64 { return []float64{ref.ContrastiveLoss(x, n)} })
	}
	return ts
}
