package vk

import vulkan "github.com/vulkan-go/vulkan"

// CreateImage makes a 2D image for texelFetch, filled by CopyToImage, that has
// no memory yet. Some drivers read weights faster from one than from a buffer.
func (d *Device) CreateImage(f Format, width, height uint32) (Image, MemoryRequirements, error) {
	info := vulkan.ImageCreateInfo{
		SType:       vulkan.StructureTypeImageCreateInfo,
		ImageType:   vulkan.ImageType2d,
		Format:      vulkan.Format(f),
		Extent:      vulkan.Extent3D{Width: width, Height: height, Depth: 1},
		MipLevels:   1,
		ArrayLayers: 1,
		Samples:     vulkan.SampleCount1Bit,
		Tiling:      vulkan.ImageTilingOptimal,
		Usage:       vulkan.ImageUsageFlags(vulkan.ImageUsageSampledBit | vulkan.ImageUsageTransferDstBit),
	}
	defer info.Free()
	var i vulkan.Image
	if err := checkf(vulkan.CreateImage(d.handle, &info, nil, &i), "vkCreateImage %dx%d", width, height); err != nil {
		return 0, MemoryRequirements{}, err
	}
	var need vulkan.MemoryRequirements
	vulkan.GetImageMemoryRequirements(d.handle, i, &need)
	return from[Image](i), requirements(&need), nil
}

// DestroyImage frees an image, not its memory; 0 is ignored.
func (d *Device) DestroyImage(i Image) { vulkan.DestroyImage(d.handle, as[vulkan.Image](i), nil) }

// BindImage gives an image its memory, from offset on. It can be done once.
func (d *Device) BindImage(i Image, m Memory, offset uint64) error {
	r := vulkan.BindImageMemory(d.handle, as[vulkan.Image](i), as[vulkan.DeviceMemory](m), vulkan.DeviceSize(offset))
	return checkf(r, "vkBindImageMemory at %d", offset)
}

// CreateImageView shows an image that has its memory to shaders.
func (d *Device) CreateImageView(i Image, f Format) (ImageView, error) {
	info := vulkan.ImageViewCreateInfo{
		SType:    vulkan.StructureTypeImageViewCreateInfo,
		Image:    as[vulkan.Image](i),
		ViewType: vulkan.ImageViewType2d,
		Format:   vulkan.Format(f),
		SubresourceRange: vulkan.ImageSubresourceRange{
			AspectMask: vulkan.ImageAspectFlags(vulkan.ImageAspectColorBit), LevelCount: 1, LayerCount: 1,
		},
	}
	defer info.Free()
	var v vulkan.ImageView
	if err := check(vulkan.CreateImageView(d.handle, &info, nil, &v), "vkCreateImageView"); err != nil {
		return 0, err
	}
	return from[ImageView](v), nil
}

// DestroyImageView frees a view; 0 is ignored.
func (d *Device) DestroyImageView(v ImageView) {
	vulkan.DestroyImageView(d.handle, as[vulkan.ImageView](v), nil)
}
