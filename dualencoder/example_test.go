package dualencoder_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"path/filepath"
	"slices"

	"github.com/vkdual/vkdual/dualencoder"
	"github.com/vkdual/vkdual/dualencoder/defaultmodel"
	"github.com/vkdual/vkdual/runtime"
)

// openExample opens the model that is compiled in, on the best device.
func openExample() (m *dualencoder.Model, done func()) {
	dev, err := runtime.Open(runtime.Options{})
	if err != nil {
		log.Fatal(err)
	}
	m, err = dualencoder.OpenFS(dev, defaultmodel.FS(), dualencoder.Options{Name: defaultmodel.Name})
	if err != nil {
		log.Fatal(err)
	}
	return m, func() { m.Close(); dev.Close() }
}

func ExampleOpen() {
	dev, err := runtime.Open(runtime.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer dev.Close()
	// A folder as save_pretrained writes it.
	dir := filepath.Join("defaultmodel", "files")
	model, err := dualencoder.Open(dev, dir, dualencoder.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer model.Close()
	fmt.Println(model.Config().Vision.ModelType(), "+", model.Config().Text.ModelType(), "→", model.Dim(), "numbers")
	// Output: vit + bert → 128 numbers
}

func ExampleModel_EmbedTexts() {
	model, done := openExample()
	defer done()
	texts := []string{"cat", "kitten", "rocket"}
	e, err := model.EmbedTexts(context.Background(), texts, dualencoder.EmbedOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(e), "embeddings of", len(e[0]))
	fmt.Println("a kitten is more of a cat than a rocket is:", dot(e[0], e[1]) > dot(e[0], e[2]))
	// Output:
	// 3 embeddings of 128
	// a kitten is more of a cat than a rocket is: true
}

func ExampleModel_EmbedImages() {
	model, done := openExample()
	defer done()
	ctx := context.Background()
	image, err := model.EmbedImages(ctx, []string{"../testdata/pictures/pizza.png"}, dualencoder.EmbedOptions{})
	if err != nil {
		log.Fatal(err)
	}
	texts, err := model.EmbedTexts(ctx, []string{"pizza", "airplane"}, dualencoder.EmbedOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("it is rather a pizza:", dot(image[0], texts[0]) > dot(image[0], texts[1]))
	// Output: it is rather a pizza: true
}

// A stream goes on after an input that fails.
func ExampleModel_StreamImages() {
	model, done := openExample()
	defer done()
	paths := []string{"../testdata/pictures/pizza.png", "no-such-file.png", "../testdata/pictures/rocket.png"}
	opt := dualencoder.EmbedOptions{}
	for i, r := range model.StreamImages(context.Background(), dualencoder.Files(slices.Values(paths), opt), opt) {
		fmt.Println(filepath.Base(paths[i]), len(r.Embedding), errors.Is(r.Err, fs.ErrNotExist))
	}
	// Output:
	// pizza.png 128 false
	// no-such-file.png 0 true
	// rocket.png 128 false
}

func ExampleModel_NewClassifier() {
	model, done := openExample()
	defer done()
	ctx := context.Background()
	labels := []string{"guitar", "airplane", "pizza"}
	c, err := model.NewClassifier(ctx, labels, nil, dualencoder.EmbedOptions{})
	if err != nil {
		log.Fatal(err)
	}
	r, err := c.Classify(ctx, "../testdata/pictures/airplane.png", dualencoder.EmbedOptions{})
	if err != nil {
		log.Fatal(err)
	}
	best := r.Top(1)[0]
	fmt.Printf("%s, %.0f %%\n", labels[best], 100*r.Probabilities[best])
	// Output: airplane, 100 %
}

func ExampleModel_Forward() {
	model, done := openExample()
	defer done()
	// Two texts of three tokens; the second ends with padding.
	out, err := model.Forward(context.Background(), dualencoder.Inputs{
		InputIDs:      &dualencoder.Ints{Shape: []int{2, 3}, Data: []int64{2, 77, 3, 2, 3, 0}},
		AttentionMask: &dualencoder.Ints{Shape: []int{2, 3}, Data: []int64{1, 1, 1, 1, 1, 0}},
	}, dualencoder.ForwardOptions{HiddenStates: true})
	if err != nil {
		log.Fatal(err)
	}
	for _, o := range out {
		fmt.Println(o.Name, o.Shape)
	}
	// Output:
	// text_embeds [2 128]
	// text_model_output.last_hidden_state [2 3 128]
	// text_model_output.pooler_output [2 128]
	// text_model_output.hidden_states.0 [2 3 128]
	// text_model_output.hidden_states.1 [2 3 128]
	// text_model_output.hidden_states.2 [2 3 128]
	// text_model_output.hidden_states.3 [2 3 128]
}

func dot(a, b []float32) (sum float32) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}
