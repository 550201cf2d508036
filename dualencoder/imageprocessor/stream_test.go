package imageprocessor_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
)

func tinyViT(t testing.TB) *imageprocessor.Processor {
	t.Helper()
	p, err := imageprocessor.Parse("test", []byte(`{"image_processor_type": "ViTImageProcessor", "size": 4, "do_rescale": false, "do_normalize": false}`))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// numbered yields n pictures whose samples say which they are; every seventh
// fails. loaded counts those that were asked for.
func numbered(n int, loaded *atomic.Int64) iter.Seq[imageprocessor.Source] {
	return func(yield func(imageprocessor.Source) bool) {
		for i := range n {
			load := func() (pillow.Picture, error) {
				loaded.Add(1)
				if i%7 == 3 {
					return nil, fmt.Errorf("picture %d", i)
				}
				m := pillow.NewRGB(5, 5)
				for j := range m.Pix {
					m.Pix[j] = byte(i)
				}
				return m, nil
			}
			if !yield(imageprocessor.Source{Name: fmt.Sprint(i), Load: load}) {
				return
			}
		}
	}
}

// TestStream: results come in order, and a failure is one picture's.
func TestStream(t *testing.T) {
	var loaded atomic.Int64
	count := 0
	for i, r := range tinyViT(t).Stream(context.Background(), numbered(200, &loaded)) {
		if i != count || r.Name != fmt.Sprint(i) {
			t.Fatalf("result %d is number %d, %q", count, i, r.Name)
		}
		count++
		if i%7 == 3 {
			if r.Err == nil {
				t.Errorf("picture %d should fail", i)
			}
			continue
		}
		if r.Err != nil || len(r.Pixels.Data) != 48 || r.Pixels.Data[47] != float32(i) {
			t.Errorf("picture %d: %v %v", i, r.Err, r.Pixels.Data)
		}
	}
	if count != 200 {
		t.Errorf("%d results", count)
	}
}

// TestStreamBounded: a slow reader is not run away from.
func TestStreamBounded(t *testing.T) {
	var loaded atomic.Int64
	for i := range tinyViT(t).Stream(context.Background(), numbered(1000, &loaded)) {
		if ahead := int(loaded.Load()) - i; ahead > 3*runtime.GOMAXPROCS(0)+2 {
			t.Fatalf("%d pictures ahead", ahead)
		}
		if i == 300 {
			break
		}
	}
}

// TestStreamCancelled: the end of the context is the last result.
func TestStreamCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var loaded atomic.Int64
	var last imageprocessor.Result
	count := 0
	for i, r := range tinyViT(t).Stream(ctx, numbered(1000, &loaded)) {
		if i == 10 {
			cancel()
		}
		last = r
		count++
	}
	if !errors.Is(last.Err, context.Canceled) || count > 100 {
		t.Errorf("%d results, the last: %v", count, last.Err)
	}
}

// TestStreamStuck: a picture that never comes does not keep a stream that is
// stopped.
func TestStreamStuck(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	release := make(chan struct{})
	defer close(release)
	stuck := imageprocessor.Source{Name: "stuck", Load: func() (pillow.Picture, error) {
		cancel()
		<-release
		return nil, errors.New("released")
	}}
	count := 0
	for _, r := range tinyViT(t).Stream(ctx, slices.Values(slices.Repeat([]imageprocessor.Source{stuck}, 100))) {
		if !errors.Is(r.Err, context.Canceled) {
			t.Errorf("%v", r.Err)
		}
		count++
	}
	if count == 0 || count > 100 {
		t.Errorf("%d results", count)
	}
}

func TestBatch(t *testing.T) {
	p := tinyViT(t)
	var loaded atomic.Int64
	var results []imageprocessor.Result
	for _, r := range p.Stream(context.Background(), numbered(3, &loaded)) {
		results = append(results, r)
	}
	shape, data, err := p.Batch(results)
	if err != nil || shape != [4]int{3, 3, 4, 4} || data[0] != 0 || data[48] != 1 || data[143] != 2 {
		t.Errorf("%v %v %v", shape, data, err)
	}
	odd := imageprocessor.Result{Name: "odd", Pixels: imageprocessor.Pixels{C: 3, H: 1, W: 2, Data: []float32{1, 2, 3, 4, 5, 6}}}
	if _, _, err := p.Batch(append(results, odd)); err == nil {
		t.Error("pictures of two sizes made one batch")
	}
	yolos, err := imageprocessor.Parse("test", []byte(`{"image_processor_type": "YolosImageProcessor"}`))
	if err != nil {
		t.Fatal(err)
	}
	tall := imageprocessor.Result{Pixels: imageprocessor.Pixels{C: 3, H: 2, W: 1, Data: []float32{7, 8, 9, 10, 11, 12}}}
	shape, data, err = yolos.Batch([]imageprocessor.Result{odd, tall})
	want := []float32{1, 2, 0, 0, 3, 4, 0, 0, 5, 6, 0, 0, 7, 0, 8, 0, 9, 0, 10, 0, 11, 0, 12, 0}
	if err != nil || shape != [4]int{2, 3, 2, 2} || !slices.Equal(data, want) {
		t.Errorf("%v %v %v", shape, data, err)
	}
}

// TestProcessFile names the file in every error.
func TestProcessFile(t *testing.T) {
	p := tinyViT(t)
	path := filepath.Join(images, "files", "rgb.png")
	if x, err := p.ProcessFile(path, pillow.DecodeOptions{}); err != nil || x.H != 4 {
		t.Errorf("%v %v", x, err)
	}
	var large *pillow.TooLargeError
	if _, err := p.ProcessFile(path, pillow.DecodeOptions{MaxPixels: 10}); !errors.As(err, &large) || large.Path != path {
		t.Errorf("%v", err)
	}
}
