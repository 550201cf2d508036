package dualencoder

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/internal/tolerance"
	"github.com/vkdual/vkdual/runtime"
	"github.com/vkdual/vkdual/runtime/devicetest"
	"github.com/vkdual/vkdual/serialize/safetensors"
)

const models = "../testdata/models"

// reference is a file of a model's inputs and outputs, made by transformers.
type reference struct{ *safetensors.File }

func openReference(t testing.TB, path string) reference {
	t.Helper()
	f, err := safetensors.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return reference{f}
}

func (r reference) floats(t testing.TB, name string) *Floats {
	t.Helper()
	x, ok := r.Tensor(name)
	if !ok {
		return nil
	}
	f := &Floats{Shape: x.Shape, Data: make([]float32, x.Elems())}
	require.NoError(t, safetensors.Float32s(f.Data, x, 0))
	return f
}

func (r reference) ints(t testing.TB, name string) *Ints {
	t.Helper()
	x, ok := r.Tensor(name)
	if !ok {
		return nil
	}
	n := &Ints{Shape: x.Shape, Data: make([]int64, x.Elems())}
	require.NoError(t, safetensors.Int64s(n.Data, x, 0))
	return n
}

// inputs are those under a prefix: in or in2.
func (r reference) inputs(t testing.TB, prefix string) Inputs {
	return Inputs{
		InputIDs: r.ints(t, prefix+".input_ids"), AttentionMask: r.ints(t, prefix+".attention_mask"),
		TokenTypeIDs: r.ints(t, prefix+".token_type_ids"), PositionIDs: r.ints(t, prefix+".position_ids"),
		PixelValues: r.floats(t, prefix+".pixel_values"),
	}
}

// under are the names with a prefix, without it. Swin's reshaped_hidden_states
// are its hidden states in another order, which is not repeated here.
func (r reference) under(prefix string) (names []string) {
	for _, n := range r.Names() {
		if strings.HasPrefix(n, prefix+".") && !strings.Contains(n, ".reshaped_hidden_states.") {
			names = append(names, strings.TrimPrefix(n, prefix+"."))
		}
	}
	return names
}

// worst is the largest difference between two tensors as a multiple of what is
// allowed. Text states are compared where the mask is 1: at padding any two
// f32 implementations drift apart.
func worst(name string, got, want *Floats, mask *Ints, bound float64) (float64, error) {
	if !slices.Equal(got.Shape, want.Shape) {
		return 0, fmt.Errorf("%s: shape %v, want %v", name, got.Shape, want.Shape)
	}
	ignored := func(int) bool { return false }
	if mask != nil && strings.HasPrefix(name, "text_model") && len(want.Shape) >= 3 && want.Shape[0] == mask.Shape[0] && want.Shape[len(want.Shape)-2] == mask.Shape[1] {
		d := want.Shape[len(want.Shape)-1]
		each := len(want.Data) / want.Shape[0]
		ignored = func(i int) bool { return mask.Data[i/each*mask.Shape[1]+i/d%mask.Shape[1]] == 0 }
	}
	most := 0.0
	for i, w := range want.Data {
		if ignored(i) {
			continue
		}
		off := math.Abs(float64(got.Data[i])-float64(w)) / (bound + bound*math.Abs(float64(w)))
		if math.IsNaN(off) {
			return 0, fmt.Errorf("%s: element %d is %v, want %v", name, i, got.Data[i], w)
		}
		most = max(most, off)
	}
	return most, nil
}

func requireClose(t testing.TB, name string, got, want *Floats, mask *Ints) {
	t.Helper()
	require.NotNil(t, got, "%s is missing", name)
	off, err := worst(name, got, want, mask, tolerance.Model)
	require.NoError(t, err)
	require.LessOrEqual(t, off, 1.0, "%s: times the tolerance", name)
}

func goldenModels(t *testing.T) (names []string) {
	t.Helper()
	dirs, err := os.ReadDir(models)
	require.NoError(t, err)
	for _, d := range dirs {
		if d.IsDir() {
			names = append(names, d.Name())
		}
	}
	return names
}

func openGolden(t testing.TB, d *runtime.Device, dir string, opt Options) *Model {
	t.Helper()
	m, err := Open(d, dir, opt)
	require.NoError(t, err)
	t.Cleanup(m.Close)
	record := m.programs.record
	m.programs.record = func(s shape) (*runtime.Program, error) {
		p, err := record(s)
		if err == nil {
			requirePlanned(t, p)
		}
		return p, err
	}
	return m
}

// requirePlanned holds a program's memory to little more than what lives at once.
func requirePlanned(t testing.TB, p *runtime.Program) {
	t.Helper()
	s := p.Stats()
	require.LessOrEqual(t, float64(s.DeviceBytes), tolerance.Planned*float64(s.BoundBytes), "%v", p)
}

func TestForwardIsThatOfTransformers(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		all := goldenModels(t)
		for _, must := range []string{"vit-bert", "clip-roberta", "deit-xlmroberta", "siglip-data2vec"} {
			require.Contains(t, all, must)
		}
		for _, name := range all {
			t.Run(name, func(t *testing.T) {
				dir := filepath.Join(models, name)
				m := openGolden(t, d, dir, Options{Strict: true})
				ref := openReference(t, filepath.Join(dir, "ref.safetensors"))
				in := ref.inputs(t, "in")
				checkActivations(t, m, ref, in)

				features := ref.under("feat")
				out, err := m.Forward(context.Background(), in, ForwardOptions{Loss: slices.Contains(ref.Names(), "out.loss"), HiddenStates: true, Attentions: true, Features: len(features) > 0})
				require.NoError(t, err)
				for _, n := range ref.under("out") {
					requireClose(t, n, out.Get(n), ref.floats(t, "out."+n), in.AttentionMask)
				}
				for _, side := range features {
					requireClose(t, side, out.Get(side+"_features"), ref.floats(t, "feat."+side), nil)
				}
				require.Len(t, out, len(ref.under("out"))+len(features))

				in = ref.inputs(t, "in2")
				if in.InputIDs == nil {
					return
				}
				out, err = m.Forward(context.Background(), in, ForwardOptions{})
				require.NoError(t, err)
				for _, n := range ref.under("out2") {
					requireClose(t, n, out.Get(n), ref.floats(t, "out2."+n), nil)
				}
				require.Len(t, out, len(ref.under("out2")))
			})
		}
	})
}

// ours are taps without a module in transformers.
func ours(path string) bool {
	return strings.HasSuffix(path, ".self_attn.context") || strings.HasSuffix(path, ".attention.output.dense.joined")
}

// checkActivations names the first module whose output is wrong.
func checkActivations(t *testing.T, m *Model, ref reference, in Inputs) {
	t.Helper()
	acts := ref.under("act")
	if len(acts) == 0 {
		return
	}
	s, err := m.check(in, ForwardOptions{})
	require.NoError(t, err)
	p, err := m.record(s, runtime.WithTaps())
	require.NoError(t, err)
	defer p.Close()
	m.fill(p, in)
	require.NoError(t, p.Run(context.Background()))
	seen := 0
	for _, o := range collect(p) {
		path, tapped := strings.CutPrefix(o.Name, "act.")
		want := ref.floats(t, o.Name)
		if !tapped || ours(path) {
			continue
		}
		if want == nil {
			if slices.ContainsFunc(acts, func(a string) bool { return a == path }) {
				t.Fatalf("%s: cannot be read", path)
			}
			continue // left out of the file for its size
		}
		if len(want.Shape) == 3 && len(o.Shape) == 3 && want.Shape[1] != o.Shape[1] {
			want = channelsLast(&Floats{append(slices.Clone(want.Shape), 1), want.Data}) // of a sequence
		}
		if len(want.Shape) == 4 && len(o.Shape) == 3 {
			want = channelsLast(want) // a convolution's output
		}
		off, err := worst(path, &o.Floats, want, in.AttentionMask, tolerance.Model*scaleOf(m, path, want))
		require.NoError(t, err)
		require.LessOrEqual(t, off, 1.0, "%s: times the tolerance; the first module to be wrong", path)
		seen++
	}
	require.Greater(t, seen, 15, "taps that the reference has too")
}

// scaleOf is what an inner result's tolerance is multiplied by: 1, but for
// MobileBERT's inner modules, see tolerance.Unnormalised.
func scaleOf(m *Model, path string, x *Floats) float64 {
	if m.cfg.Text.ModelType() != "mobilebert" || !strings.HasPrefix(path, "text_model.") {
		return 1
	}
	top := 0.0
	for _, v := range x.Data {
		top = max(top, math.Abs(float64(v)))
	}
	if top <= tolerance.Unnormalised {
		return 1
	}
	return top
}

// channelsLast is [B,D,H,W] as [B,H·W,D].
func channelsLast(x *Floats) *Floats {
	b, d, n := x.Shape[0], x.Shape[1], x.Shape[2]*x.Shape[3]
	y := &Floats{Shape: []int{b, n, d}, Data: make([]float32, len(x.Data))}
	for i := range b {
		for j := range d {
			for k := range n {
				y.Data[(i*n+k)*d+j] = x.Data[(i*d+j)*n+k]
			}
		}
	}
	return y
}

func TestWhatIsNotSupportedIsRefused(t *testing.T) {
	cfg := `{"vision_config": {"model_type": "vit"}, "text_config": {"model_type": "electra"}}`
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		_, err := OpenFS(d, fstest.MapFS{"config.json": {Data: []byte(cfg)}}, Options{})
		var u *UnsupportedTowerError
		require.ErrorAs(t, err, &u)
		require.Equal(t, "electra", u.ModelType)
	})
}
