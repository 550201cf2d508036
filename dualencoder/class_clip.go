package dualencoder

// clip is CLIP (Radford et al., "Learning Transferable Visual Models From
// Natural Language Supervision", 2021). Chinese-CLIP and AltCLIP are CLIPs with
// a text tower of another kind.
func clip() class {
	return class{projections: true, probabilities: softmax}
}
