package dualencoder

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"github.com/vkdual/vkdual/dualencoder/config"
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

// side is what of a golden model this package runs: its vision tower, its text
// tower, both or neither.
type side struct{ vision, text bool }

func sideOf(t testing.TB, name string) side {
	t.Helper()
	_, err := config.Load(os.DirFS(filepath.Join(models, name)), name)
	var u *UnsupportedTowerError
	if !errors.As(err, &u) {
		return side{true, true}
	}
	if !strings.HasPrefix(u.Path, "vision_config") {
		return side{vision: true}
	}
	all, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok)
	return side{text: len(all.Unwrap()) == 1}
}

func goldenModels(t *testing.T, of side) (names []string) {
	t.Helper()
	dirs, err := os.ReadDir(models)
	require.NoError(t, err)
	for _, d := range dirs {
		if d.IsDir() && sideOf(t, d.Name()) == of {
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
	return m
}

func TestForwardIsThatOfTransformers(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		all := goldenModels(t, side{true, true})
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
		off, err := worst(path, &o.Floats, want, in.AttentionMask, tolerance.Model*scaleOf(want))
		require.NoError(t, err)
		require.LessOrEqual(t, off, 1.0, "%s: times the tolerance; the first module to be wrong", path)
		seen++
	}
	require.Greater(t, seen, 15, "taps that the reference has too")
}

// scaleOf is what an inner result's tolerance is multiplied by. Where nothing
// normalises (MobileBERT), sums grow to hundreds, and their small elements are
// differences of large ones: the reference itself is as far from exact numbers.
func scaleOf(x *Floats) float64 {
	const normalised = 16 // no element of a normalised tower is larger
	top := 0.0
	for _, v := range x.Data {
		top = max(top, math.Abs(float64(v)))
	}
	if top <= normalised {
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
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		for _, of := range []side{{vision: true}, {text: true}, {}} {
			for _, name := range goldenModels(t, of) {
				_, err := Open(d, filepath.Join(models, name), Options{})
				var u *UnsupportedTowerError
				require.ErrorAs(t, err, &u, name)
			}
		}
	})
}

// The text tower of a reference whose vision tower is not supported is run
// with another one.
func TestTextTowersOfOtherVisionTowers(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		for _, name := range goldenModels(t, side{text: true}) {
			t.Run(name, func(t *testing.T) {
				text, vision := filepath.Join(models, name), filepath.Join(models, "vit-bert")
				m, err := OpenFS(d, mixed(t, vision, text), Options{Name: "mixed", Strict: true})
				require.NoError(t, err)
				defer m.Close()
				ref := openReference(t, filepath.Join(text, "ref.safetensors"))
				in := ref.inputs(t, "in")
				in.PixelValues = nil
				checkActivations(t, m, ref, in)
				out, err := m.Forward(context.Background(), in, ForwardOptions{HiddenStates: true, Attentions: true, Features: true})
				require.NoError(t, err)
				compared := 0
				for _, n := range ref.under("out") {
					if strings.HasPrefix(n, "text_") {
						requireClose(t, n, out.Get(n), ref.floats(t, "out."+n), in.AttentionMask)
						compared++
					}
				}
				require.Len(t, out, compared+1)
				requireClose(t, "text_features", out.Get("text_features"), ref.floats(t, "feat.text"), nil)

				in = ref.inputs(t, "in2")
				in.PixelValues = nil
				out, err = m.Forward(context.Background(), in, ForwardOptions{})
				require.NoError(t, err)
				requireClose(t, "text_embeds", out.Get("text_embeds"), ref.floats(t, "out2.text_embeds"), nil)
			})
		}
	})
}

// Vision towers whose references have a text tower that is not supported are
// run with another one.
func TestVisionTowers(t *testing.T) {
	devicetest.Each(t, func(t *testing.T, d *runtime.Device) {
		for _, name := range goldenModels(t, side{vision: true}) {
			t.Run(name, func(t *testing.T) {
				dir := filepath.Join(models, name)
				m, err := OpenFS(d, mixed(t, dir, filepath.Join(models, "vit-bert")), Options{Name: "mixed", Strict: true})
				require.NoError(t, err)
				defer m.Close()
				ref := openReference(t, filepath.Join(dir, "ref.safetensors"))
				in := Inputs{PixelValues: ref.floats(t, "in.pixel_values")}
				checkActivations(t, m, ref, in)
				out, err := m.Forward(context.Background(), in, ForwardOptions{HiddenStates: true, Attentions: true, Features: true})
				require.NoError(t, err)
				compared := 0
				for _, n := range ref.under("out") {
					if strings.HasPrefix(n, "vision_") || n == imageEmbeds {
						requireClose(t, n, out.Get(n), ref.floats(t, "out."+n), nil)
						compared++
					}
				}
				require.Len(t, out, compared+1)
				requireClose(t, "image_features", out.Get("image_features"), ref.floats(t, "feat.image"), nil)
			})
		}
	})
}

// mixed is a checkpoint of the vision side of one folder and the text side of
// another.
func mixed(t testing.TB, vision, text string) fs.FS {
	t.Helper()
	var tensors []safetensors.Tensor
	for dir, sides := range map[string][]string{vision: {"vision_model.", "visual_projection.", "logit_scale"}, text: {"text_model.", "text_projection."}} {
		f := openReference(t, filepath.Join(dir, "model.safetensors"))
		for _, n := range f.Names() {
			if slices.ContainsFunc(sides, func(s string) bool { return strings.HasPrefix(n, s) }) {
				x, _ := f.Tensor(n)
				tensors = append(tensors, x)
			}
		}
	}
	var weights bytes.Buffer
	require.NoError(t, safetensors.Write(&weights, tensors, nil))
	return fstest.MapFS{
		"model.safetensors": {Data: weights.Bytes()},
		"config.json":       {Data: []byte(fmt.Sprintf(`{"projection_dim": 24, "vision_config": %s, "text_config": %s}`, part(t, vision, "vision_config"), part(t, text, "text_config")))},
	}
}
