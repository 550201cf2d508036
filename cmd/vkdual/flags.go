package main

// Flags that several commands share.

// deviceFlags choose the device and how it is used.
type deviceFlags struct {
	Device   string `group:"device" placeholder:"N|NAME" env:"VKDUAL_DEVICE" help:"The device to run on, by its number or a part of its name (see \"vkdual devices\"); embed and classify take several, as 0,1. Default: the best one."`
	Profile  bool   `group:"diagnosis" help:"Show what the device's time went to: each operation with its share, rate and traffic; runs get a little slower."`
	Trace    string `group:"diagnosis" placeholder:"FILE" help:"Write what host and device did when to FILE, for chrome://tracing or ui.perfetto.dev."`
	Validate bool   `group:"diagnosis" help:"Run under the Khronos validation layer; anything it says is a failure."`
	NoCache  bool   `group:"diagnosis" help:"Neither read nor write the cache of compiled pipelines and measured times."`
	kernelFlags
	verboseFlag
}

// kernelFlags say how kernels are chosen.
type kernelFlags struct {
	Force   string `group:"diagnosis" placeholder:"KERNEL,…" help:"Use these kernels wherever they take the operation, whatever their speed; \"vkdual devices\" and \"vkdual selftest\" name those in use, a wrong name lists all."`
	Without string `group:"diagnosis" placeholder:"LIST" help:"Act as if the device lacked some capabilities, of ${capabilities}: --without f16,subgroup."`
	Tune    string `group:"device" default:"3s" placeholder:"TIME|off" help:"The most time to spend on timing kernels at the first use of a device and driver (${default}), or off: take the first in order that fits."`
}

type verboseFlag struct {
	Verbose bool `group:"diagnosis" short:"v" help:"Say more."`
}

// folderFlag names the model.
type folderFlag struct {
	Model    string `short:"m" placeholder:"DIR" help:"The model's folder, as HuggingFace has it, or the ORG/NAME of one that \"vkdual pull\" or Python fetched. Default: the model that comes with the program."`
	Revision string `placeholder:"REV" help:"With the name of a pulled model: a branch, a tag or a commit (main)."`
}

// modelFlags say how the model is held on the device and run.
type modelFlags struct {
	numberFlags
	Batch  *int `group:"device" placeholder:"N" help:"Inputs that run at once. Default: 32 texts, 8 pictures."`
	Strict bool `help:"Stop at the first thing that is not as it should be: an input that fails, a text too long for the model or not UTF-8, a weight that nothing uses."`
}

// numberFlags say with which numbers the model computes.
type numberFlags struct {
	DType       string `name:"dtype" group:"numbers" enum:"f32,f16,bf16,q8,q4" default:"f32" help:"How weights are held on the device: ${enum}. q8 and q4 are integers with scales: a quarter of f32, and less with some loss. Sums are in f32 in any case."`
	Compute     string `name:"compute" group:"numbers" enum:"f32,f16,bf16,q8" default:"f32" help:"The type of activations: ${enum}. In a half type what each operation gives is rounded to it; with --dtype of the same type that is a Flax model's dtype. q8, with --dtype q8, only allows what linear layers read to be rounded to 8-bit integers, for GPUs that multiply these fast; it costs accuracy."`
	PositionIDs string `name:"position-ids" group:"numbers" enum:"pytorch,flax" default:"pytorch" help:"Where tokens stand by default: ${enum}. In PyTorch RoBERTa and its kin count from the padding's id; in Flax every tower counts 0, 1, 2, …"`
}

// decodeFlags say how picture files are read.
type decodeFlags struct {
	MaxPixels  int  `default:"${max_pixels}" placeholder:"N" help:"Refuse pictures of more pixels (${default}, as Pillow), before any is decoded."`
	EXIFRotate bool `name:"exif-rotate" help:"Turn pictures upright as their EXIF orientation says; HuggingFace's processors do not."`
	Truncated  bool `name:"allow-truncated" help:"Read what there is of pictures that end too early, as Pillow does with LOAD_TRUNCATED_IMAGES; the rest is grey or black. WebP and compressed TIFF are refused all the same."`
}
