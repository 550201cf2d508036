package config

// readChineseCLIP reads a Chinese-CLIP (Yang et al., "Chinese CLIP: Contrastive
// Vision-Language Pretraining in Chinese", 2022): CLIP's vision tower and a BERT.
func readChineseCLIP(s section, c *Config) {
	s.commonSpace(c, 512)
	c.Vision = newCLIPVision(s.half("vision_config"), "chinese_clip_vision_model")
	text := s.half("text_config").bert("chinese_clip_text_model", plainBERT())
	c.Text = &text
}
