package tokenizer_test

import (
	"fmt"
	"log"

	"github.com/vkdual/vkdual/dualencoder/tokenizer"
)

func Example() {
	tok, err := tokenizer.Open("../../testdata/text/bert-uncased-vocabtxt")
	if err != nil {
		log.Fatal(err)
	}
	batch, err := tok.Encode([]string{"A photo of a cat", "una foto di un gatto"}, tokenizer.Options{Padding: tokenizer.PadLongest})
	if err != nil {
		log.Fatal(err)
	}
	for i, ids := range batch.InputIDs {
		fmt.Println(batch.Tokens[i])
		fmt.Println(tok.Decode(ids, true))
	}
	// Output:
	// [[CLS] a p ##h ##o ##t ##o o ##f a c ##a ##t [SEP] [PAD] [PAD] [PAD] [PAD]]
	// a photo of a cat
	// [[CLS] u ##n ##a f ##o ##t ##o d ##i u ##n g ##a ##t ##t ##o [SEP]]
	// una foto di un gatto
}
