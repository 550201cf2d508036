package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

const minimal = `{"vision_config": {"model_type": "vit"}, "text_config": {"model_type": "bert"}}`

func TestDefaultsAreThoseOfEachClass(t *testing.T) {
	vit := &ViT{Type: "vit", HiddenSize: 768, NumLayers: 12, NumHeads: 12, IntermediateSize: 3072, HiddenAct: "gelu", LayerNormEps: 1e-12,
		ImageHeight: 224, ImageWidth: 224, PatchHeight: 16, PatchWidth: 16, NumChannels: 3, QKVBias: true, InitializerRange: 0.02}
	deit := *vit
	deit.Type = "deit"
	clip := *vit
	clip.Type, clip.HiddenAct, clip.LayerNormEps, clip.PatchHeight, clip.PatchWidth = "clip_vision_model", "quick_gelu", 1e-5, 32, 32
	clip.InitializerFactor = 1
	for modelType, want := range map[string]*ViT{"vit": vit, "deit": &deit, "clip_vision_model": &clip, "clip": &clip} {
		c, err := Parse([]byte(fmt.Sprintf(`{"vision_config": {"model_type": %q}, "text_config": {"model_type": "bert"}}`, modelType)), "config.json")
		require.NoError(t, err)
		require.Equal(t, want, c.Vision)
		require.Equal(t, 512, c.ProjectionDim)
		require.Equal(t, 2.6592, c.LogitScaleInit)
	}
}

func TestDefaultsAreThoseOfEachTextClass(t *testing.T) {
	bert := BERT{VocabSize: 30522, HiddenSize: 768, NumLayers: 12, NumHeads: 12, IntermediateSize: 3072, HiddenAct: "gelu",
		LayerNormEps: 1e-12, MaxPositions: 512, PositionEmbedding: Absolute, TypeVocabSize: 2, InitializerRange: 0.02}
	like := func(change func(*BERT)) BERT {
		b := bert
		change(&b)
		return b
	}
	sized := func(hidden, layers, heads, intermediate, vocab int) BERT {
		return like(func(b *BERT) {
			b.HiddenSize, b.NumLayers, b.NumHeads, b.IntermediateSize, b.VocabSize = hidden, layers, heads, intermediate, vocab
		})
	}
	roberta := like(func(b *BERT) { b.PadTokenID = 1 })
	large := like(func(b *BERT) { b.PadTokenID, b.VocabSize = 1, 50265 })
	xl := sized(2560, 36, 32, 10240, 250880)
	xl.PadTokenID, xl.LayerNormEps, xl.MaxPositions, xl.TypeVocabSize = 1, 1e-5, 514, 1
	megatron := sized(1024, 24, 16, 4096, 29056)
	mobile := sized(512, 24, 4, 512, 30522)
	mobile.HiddenAct = "relu"
	albert := sized(4096, 12, 64, 16384, 30000)
	albert.HiddenAct = "gelu_new"
	bigbird := like(func(b *BERT) { b.VocabSize, b.MaxPositions, b.HiddenAct = 50358, 4096, "gelu_new" })
	mpnet := like(func(b *BERT) { b.VocabSize, b.TypeVocabSize, b.PadTokenID = 30527, 0, 1 })

	all := map[string]Text{
		"bert": &bert, "megatron-bert": &megatron, "roberta": &large, "roberta-prelayernorm": &large, "xlm-roberta": &roberta,
		"camembert": &roberta, "data2vec-text": &roberta, "ibert": &roberta, "xlm-roberta-xl": &xl,
		"ernie":       &ERNIE{BERT: bert},
		"layoutlm":    &LayoutLM{BERT: bert, PagePositions: 1024},
		"rembert":     &RemBERT{BERT: sized(1152, 32, 18, 4608, 250300), EmbeddingSize: 256},
		"albert":      &ALBERT{BERT: albert, EmbeddingSize: 128, Groups: 1, GroupLayers: 1},
		"big_bird":    &BigBird{BERT: bigbird, QKVBias: true, MaxTokens: 704},
		"mpnet":       &MPNet{BERT: mpnet, Buckets: 32},
		"squeezebert": &SqueezeBERT{BERT: bert, QueryGroups: 4, KeyGroups: 4, ValueGroups: 4, ProjectGroups: 1, IntermediateGroups: 4, DownGroups: 4},
		"mobilebert": &MobileBERT{BERT: mobile, EmbeddingSize: 128, Trigrams: true, Bottleneck: true, InnerSize: 128, SharedBottleneck: true,
			FeedForwards: 4, Pooler: true},
		"xmod": &XMOD{BERT: roberta, AdapterSize: 384, AdapterReuseNorm: true, NormedResidual: true, Languages: []string{"en_XX"}, Language: "en_XX"},
	}
	require.ElementsMatch(t, TextTypes(), slices.Collect(maps.Keys(all)))
	for modelType, want := range all {
		reflect.ValueOf(want).Elem().FieldByName("Type").SetString(modelType)
		c, err := Parse([]byte(fmt.Sprintf(`{"vision_config": {"model_type": "vit"}, "text_config": {"model_type": %q, "default_language": "en_XX"}}`, modelType)), "config.json")
		require.NoError(t, err)
		require.Equal(t, want, c.Text)
	}
}

func TestASwitchOfATextClassIsNamed(t *testing.T) {
	for _, c := range []struct{ modelType, keys, path, want string }{
		{"albert", `"num_hidden_layers": 5, "num_hidden_groups": 2, "inner_group_num": 3`, "inner_group_num", "num_hidden_layers / num_hidden_groups = 2"},
		{"albert", `"num_hidden_groups": 13`, "inner_group_num", "= 0"},
		{"albert", `"embedding_size": 0`, "embedding_size", "from 1"},
		{"big_bird", `"attention_type": "sparse"`, "attention_type", "original_full, block_sparse"},
		{"ernie", `"task_type_vocab_size": 0`, "task_type_vocab_size", "from 1"},
		{"ibert", `"quant_mode": true`, "quant_mode", "false"},
		{"ibert", `"hidden_act": "relu"`, "hidden_act", "gelu"},
		{"ibert", `"position_embedding_type": "relative_key"`, "position_embedding_type", "absolute"},
		{"layoutlm", `"max_2d_position_embeddings": 0`, "max_2d_position_embeddings", "from 1"},
		{"mobilebert", `"normalization_type": "batch_norm"`, "normalization_type", "layer_norm, no_norm"},
		{"mobilebert", `"key_query_shared_bottleneck": false`, "key_query_shared_bottleneck", "hidden_size, 512"},
		{"mobilebert", `"num_attention_heads": 5`, "num_attention_heads", "a divisor of intra_bottleneck_size, 128"},
		{"mobilebert", `"num_feedforward_networks": 0`, "num_feedforward_networks", "from 1"},
		{"mpnet", `"relative_attention_num_buckets": 31`, "relative_attention_num_buckets", "from 32"},
		{"rembert", `"input_embedding_size": 0`, "input_embedding_size", "from 1"},
		{"squeezebert", `"embedding_size": 512`, "embedding_size", "hidden_size, 768"},
		{"squeezebert", `"q_groups": 5`, "q_groups", "a divisor of 768"},
		{"squeezebert", `"output_groups": 9`, "output_groups", "a divisor of 3072 and 768"},
		{"xmod", `"languages": ["de_DE"], "default_language": "en_XX"`, "default_language", "de_DE"},
		{"xmod", `"languages": "en_XX", "default_language": "en_XX"`, "languages", "a list of names"},
		{"xmod", `"default_language": "en_XX", "adapter_reduction_factor": 769`, "adapter_reduction_factor", "to 768"},
		{"xlm-roberta-xl", `"max_position_embeddings": 2`, "max_position_embeddings", "more than pad_token_id + 1"},
	} {
		_, err := Parse([]byte(fmt.Sprintf(`{"vision_config": {"model_type": "vit"}, "text_config": {"model_type": %q, %s}}`, c.modelType, c.keys)), "config.json")
		var v *ValueError
		require.ErrorAs(t, err, &v, "%s: %s", c.modelType, c.keys)
		require.Equal(t, "text_config."+c.path, v.Path)
		require.Contains(t, v.Allowed, c.want)
	}
	_, err := Parse([]byte(`{"vision_config": {"model_type": "vit"}, "text_config": {"model_type": "xmod"}}`), "config.json")
	var m *MissingError
	require.ErrorAs(t, err, &m)
	require.Equal(t, "text_config.default_language", m.Path)
}

func TestACLIPConfigGivesItsVisionPart(t *testing.T) {
	for _, vision := range []string{
		`{"model_type": "clip", "hidden_size": 5, "vision_config": {"hidden_size": 48, "image_size": 64}}`,
		`{"model_type": "clip", "vision_config": {"hidden_size": 96}, "vision_config_dict": {"hidden_size": 48, "image_size": 64}}`,
		`{"model_type": "clip_vision_model", "hidden_size": 48, "image_size": 64}`,
	} {
		c, err := Parse([]byte(`{"vision_config": `+vision+`, "text_config": {"model_type": "bert"}}`), "config.json")
		require.NoError(t, err)
		require.Equal(t, 48, c.Vision.HiddenDim())
		require.Equal(t, "clip_vision_model", c.Vision.ModelType())
		require.Equal(t, 2*2, c.Vision.(*ViT).Patches())
	}
}

// with is minimal with one key set.
func with(t testing.TB, path, value string) []byte {
	t.Helper()
	const mark = "\x01"
	var all map[string]any
	require.NoError(t, json.Unmarshal([]byte(minimal), &all))
	at := all
	keys := strings.Split(path, ".")
	for _, k := range keys[:len(keys)-1] {
		if _, ok := at[k]; !ok {
			at[k] = map[string]any{}
		}
		at = at[k].(map[string]any)
	}
	at[keys[len(keys)-1]] = mark
	data, err := json.Marshal(all)
	require.NoError(t, err)
	return bytes.ReplaceAll(data, []byte(`"\u0001"`), []byte(value))
}

func TestAValueOutOfItsRangeIsNamed(t *testing.T) {
	for _, c := range []struct{ path, value, want string }{
		{"text_config.num_attention_heads", "0", "from 1 to 768"},
		{"text_config.num_attention_heads", "5", "a divisor of hidden_size, 768"},
		{"text_config.num_attention_heads", "-12", "from 1 to 768"},
		{"vision_config.num_attention_heads", "12.0", "whole number"},
		{"vision_config.num_attention_heads", "true", "whole number"},
		{"vision_config.num_attention_heads", "null", "whole number"},
		{"vision_config.num_attention_heads", "99999999999999999999", "whole number"},
		{"vision_config.num_hidden_layers", "1000000000", "from 0 to 1000"},
		{"vision_config.num_hidden_layers", "-1", "from 0 to 1000"},
		{"vision_config.num_hidden_layers", "1e9", "whole number"},
		{"vision_config.patch_size", "225", "at most image_size, 224"},
		{"vision_config.patch_size", "[16, 225]", "at most image_size, 224"},
		{"vision_config.patch_size", "0", "pair [height, width]"},
		{"vision_config.image_size", "[224, 224, 224]", "pair [height, width]"},
		{"vision_config.image_size", `{"height": 224}`, "pair [height, width]"},
		{"vision_config.num_channels", "0", "from 1 to 64"},
		{"vision_config.layer_norm_eps", "-1e-12", "from 0 to 1"},
		{"vision_config.layer_norm_eps", "NaN", "from 0 to 1"},
		{"text_config.layer_norm_eps", "Infinity", "from 0 to 1"},
		{"text_config.layer_norm_eps", "-Infinity", "from 0 to 1"},
		{"text_config.layer_norm_eps", "1e999", "from 0 to 1"},
		{"text_config.layer_norm_eps", `"1e-12"`, "from 0 to 1"},
		{"text_config.hidden_act", `"selu"`, "gelu_pytorch_tanh"},
		{"text_config.hidden_act", "3", "quick_gelu"},
		{"text_config.vocab_size", "0", "from 1"},
		{"text_config.type_vocab_size", "0", "from 1"},
		{"text_config.pad_token_id", "30522", "to 30521"},
		{"text_config.position_embedding_type", `"rotary"`, "absolute, relative_key, relative_key_query"},
		{"text_config.position_embedding_type", "null", "absolute, relative_key, relative_key_query"},
		{"text_config.is_decoder", "true", "false"},
		{"text_config.pruned_heads", `{"0": [1]}`, "not supported"},
		{"vision_config.qkv_bias", `"yes"`, "true or false"},
		{"vision_config.model_type", "7", "one of " + strings.Join(VisionTypes(), ", ")},
		{"projection_dim", "0", "from 1"},
		{"projection_dim", `"512"`, "whole number"},
		{"logit_scale_init_value", "[]", "a number"},
		{"vision_config", `[]`, "an object"},
		{"model_type", `"blip"`, "altclip, chinese_clip, clip, siglip, vision-text-dual-encoder"},
	} {
		_, err := Parse(with(t, c.path, c.value), "dir/config.json")
		var v *ValueError
		if !errors.As(err, &v) {
			t.Errorf("%s = %s: %v", c.path, c.value, err)
			continue
		}
		for _, part := range []string{"dir/config.json", c.path, c.value, c.want} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s = %s: %v: want it to say %q", c.path, c.value, err, part)
			}
		}
	}
}

func TestRoBERTaNeedsAPaddingTokenBelowItsPositions(t *testing.T) {
	for key, value := range map[string]string{"pad_token_id": "null", "max_position_embeddings": "2"} {
		data := bytes.Replace(with(t, "text_config."+key, value), []byte(`"bert"`), []byte(`"roberta"`), 1)
		_, err := Parse(data, "config.json")
		var v *ValueError
		require.ErrorAs(t, err, &v)
		require.Equal(t, "text_config."+key, v.Path)
	}
}

func TestAMissingPartIsNamed(t *testing.T) {
	for data, path := range map[string]string{
		`{"vision_config": {"model_type": "vit"}}`:                                    "text_config",
		`{"text_config": {"model_type": "bert"}}`:                                     "vision_config",
		`{"text_config": {"model_type": "bert"}, "vision_config": null}`:              "vision_config",
		`{"text_config": {"hidden_size": 8}, "vision_config": {"model_type": "vit"}}`: "text_config.model_type",
	} {
		_, err := Parse([]byte(data), "config.json")
		var m *MissingError
		require.ErrorAs(t, err, &m)
		require.Equal(t, path, m.Path)
	}
	_, err := Load(fstest.MapFS{}, "some/dir")
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, "some/dir/config.json")
}

func TestAnUnknownTowerListsTheKnown(t *testing.T) {
	for _, c := range []struct{ side, modelType, reason string }{
		{"vision_config", "convnext", "output_attentions"},
		{"vision_config", "vit_mae", "pooled"},
		{"vision_config", "vit_hybrid", "not yet"},
		{"vision_config", "no-such-tower", ""},
		{"text_config", "distilbert", "token_type_ids"},
		{"text_config", "electra", "pooled"},
		{"text_config", "vit", ""},
	} {
		_, err := Parse(with(t, c.side+".model_type", fmt.Sprintf("%q", c.modelType)), "config.json")
		var u *UnsupportedTowerError
		require.ErrorAs(t, err, &u)
		require.Equal(t, c.side+".model_type", u.Path)
		require.Contains(t, u.Reason, c.reason)
		require.Equal(t, c.reason == "", u.Reason == "")
		require.ErrorContains(t, err, u.Supported[0])
		require.Contains(t, u.Supported, map[string]string{"vision_config": "deit", "text_config": "camembert"}[c.side])
	}
}

func TestAllProblemsAreReportedAtOnce(t *testing.T) {
	_, err := Parse([]byte(`{"projection_dim": -1, "vision_config": {"model_type": "resnet"}, "text_config": {"model_type": "bert", "vocab_size": 0}}`), "config.json")
	for _, part := range []string{"projection_dim", "resnet", "text_config.vocab_size"} {
		require.ErrorContains(t, err, part)
	}
}

func TestMalformedJSONSaysWhere(t *testing.T) {
	_, err := Parse([]byte("{\n  \"projection_dim\": 3,,\n}"), "config.json")
	require.ErrorContains(t, err, "config.json: line 2, column 23")
	for _, data := range []string{"", "[]", "null", "3", "{", `{"a": NaNN}`, minimal + "x", "\xff", `"\`} {
		_, err := Parse([]byte(data), "config.json")
		require.Error(t, err, "%q", data)
	}
}

func TestUnknownKeysSurviveARoundTrip(t *testing.T) {
	data := with(t, "vision_config.new.deep", `[1, 1e-12, 12345678901234567890, NaN, -Infinity, "é<&>\u0001NaN", null]`)
	c, err := Parse(data, "config.json")
	require.NoError(t, err)
	once, err := c.Encode()
	require.NoError(t, err)
	for _, part := range []string{"1e-12", "12345678901234567890", "NaN", "-Infinity", "é<&>", "null"} {
		require.Contains(t, string(once), part)
	}
	again, err := Parse(once, "config.json")
	require.NoError(t, err)
	twice, err := again.Encode()
	require.NoError(t, err)
	require.Equal(t, string(once), string(twice))
	require.Equal(t, c.Vision, again.Vision)
}

func TestTheGoldenConfigs(t *testing.T) {
	for _, name := range []string{"vit-bert", "clip-roberta", "deit-xlmroberta"} {
		dir := "../../testdata/models/" + name
		c, err := Load(os.DirFS(dir), dir)
		require.NoError(t, err)
		v, b := c.Vision.(*ViT), c.Text.(*BERT)
		require.Equal(t, []int{24, 32, 32, 56, 9}, []int{c.ProjectionDim, v.HiddenSize, b.HiddenSize, v.IntermediateSize, v.Patches()})
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"vit-bert", "clip-roberta", "deit-xlmroberta", "beit-camembert", "dinov2-resized", "swin-mpnet", "swinv2-ernie", "clip", "siglip", "chinese-clip", "altclip"} {
		if data, err := os.ReadFile("../../testdata/models/" + name + "/config.json"); err == nil {
			f.Add(data)
		}
	}
	f.Add([]byte(minimal))
	for _, modelType := range TextTypes() {
		f.Add(bytes.Replace(with(f, "text_config.default_language", `"en_XX"`), []byte(`"bert"`), []byte(fmt.Sprintf("%q", modelType)), 1))
	}
	f.Add(with(f, "vision_config.a", `[NaN, -Infinity, "\"NaN", 1]`))
	f.Add(with(f, "vision_config.patch_size", "[7, 9]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse(data, "config.json")
		if err != nil {
			return
		}
		if v, ok := c.Vision.(interface{ base() *ViT }); ok {
			v := v.base()
			if v.HiddenSize%v.NumHeads != 0 || v.Patches() < 1 || v.Patches() > maxTokens || math.IsNaN(v.LayerNormEps) || v.IntermediateSize < 1 {
				t.Fatalf("let through: %+v", v)
			}
		}
		if v, ok := c.Vision.(*Swin); ok {
			for _, s := range v.Stages {
				if s.Width%s.NumHeads != 0 || s.Depth < 1 || s.Window < 1 || s.Shift >= s.Window && s.Shift > 0 || s.IntermediateSize < 1 {
					t.Fatalf("let through: %+v", v)
				}
			}
		}
		if b, ok := c.Text.(*BERT); ok && (b.HiddenSize%b.NumHeads != 0 || b.LayerNormEps < 0 || b.PadTokenID >= b.VocabSize) {
			t.Fatalf("let through: %+v", b)
		}
		once, err := c.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(once, "config.json")
		if err != nil {
			t.Fatalf("not its own config: %v\n%s", err, once)
		}
		twice, err := again.Encode()
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%v\n%s\n%s", err, once, twice)
		}
	})
}
