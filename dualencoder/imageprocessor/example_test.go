package imageprocessor_test

import (
	"context"
	"fmt"
	"log"
	"slices"

	"github.com/vkdual/vkdual/dualencoder/imageprocessor"
	"github.com/vkdual/vkdual/dualencoder/imageprocessor/pillow"
)

func ExampleProcessor_ProcessFile() {
	p, err := imageprocessor.Open("../../testdata/images/processors/clip")
	if err != nil {
		log.Fatal(err)
	}
	x, err := p.ProcessFile("../../testdata/images/files/ycc420.jpg", pillow.DecodeOptions{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.Class(), x.C, x.H, x.W)
	// Output: CLIPImageProcessor 3 32 32
}

func ExampleProcessor_Stream() {
	p, err := imageprocessor.Open("../../testdata/images/processors/clip")
	if err != nil {
		log.Fatal(err)
	}
	files := []imageprocessor.Source{
		imageprocessor.File("../../testdata/images/files/rgb.png", pillow.DecodeOptions{}),
		imageprocessor.File("../../testdata/images/broken/text.png", pillow.DecodeOptions{}),
		imageprocessor.File("../../testdata/images/files/alpha.webp", pillow.DecodeOptions{}),
	}
	for i, r := range p.Stream(context.Background(), slices.Values(files)) {
		fmt.Println(i, len(r.Pixels.Data), r.Err)
	}
	// Output:
	// 0 3072 <nil>
	// 1 0 pillow: decode "../../testdata/images/broken/text.png": not a picture in a known format (JPEG, PNG, WebP, GIF, BMP, TIFF): it starts with "This is not "
	// 2 3072 <nil>
}
