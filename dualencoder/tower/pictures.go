package tower

import (
	"fmt"

	"github.com/vkdual/vkdual/dualencoder/config"
)

// pictures says which pictures a tower takes. It is embedded in those that are
// a ViT.
type pictures struct {
	channels, height, width int // of the config
	patchHeight, patchWidth int
	sizes                   sizes
}

// sizes are the sizes of pictures that a class takes beside its config's.
type sizes uint8

const (
	noOther     sizes = iota
	samePatches       // of as many patches: positions are added, however the patches lie
	anyOther          // of one patch and more
)

func newPictures(c *config.ViT, s sizes) pictures {
	return pictures{c.NumChannels, c.ImageHeight, c.ImageWidth, c.PatchHeight, c.PatchWidth, s}
}

// Size is that of the config's pictures.
func (p pictures) Size() (channels, height, width int) { return p.channels, p.height, p.width }

// Takes tells what a tower takes instead of pictures of that size; "" where it takes them.
func (p pictures) Takes(channels, height, width int) (instead string) {
	patches := func(h, w int) int { return (h / p.patchHeight) * (w / p.patchWidth) }
	n := patches(p.height, p.width)
	good, want := height == p.height && width == p.width, ""
	switch p.sizes {
	case noOther:
		want = fmt.Sprintf("[images %d %d %d]", p.channels, p.height, p.width)
	case samePatches:
		good = patches(height, width) == n
		want = fmt.Sprintf("[images %d height width] of %d patches, %d×%d each", p.channels, n, p.patchHeight, p.patchWidth)
	case anyOther:
		good = height >= p.patchHeight && width >= p.patchWidth
		want = fmt.Sprintf("[images %d height width] of at least %d×%d", p.channels, p.patchHeight, p.patchWidth)
	}
	if good && channels == p.channels {
		return ""
	}
	return want
}
