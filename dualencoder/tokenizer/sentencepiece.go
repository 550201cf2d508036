package tokenizer

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// sentencePieceModel is what the converters need of a sentencepiece ModelProto (sentencepiece_model.proto).
type sentencePieceModel struct {
	pieces   []scoredPiece
	kind     uint64 // 1 Unigram, 2 BPE, 3 word, 4 char
	unkID    int
	unkPiece string
	charsmap []byte
}

type scoredPiece struct {
	piece string
	score float64
}

// field numbers of ModelProto and its messages.
const (
	protoPieces, protoTrainer, protoNormalizer        = 1, 2, 3
	protoPiece, protoScore                            = 1, 2
	protoModelType, protoUnkID, protoUnkPiece         = 3, 40, 45
	protoCharsmap                                     = 2
	sentencePieceUnigram, sentencePieceBPE     uint64 = 1, 2
)

// protoField is one field of a message: data of the wire types bytes and fixed32, n of varint.
type protoField struct {
	number protowire.Number
	kind   protowire.Type
	data   []byte
	n      uint64
}

// eachProtoField calls f with the fields of a message in order.
func eachProtoField(b []byte, f func(protoField) error) error {
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		x := protoField{number: number, kind: kind}
		switch kind {
		case protowire.VarintType:
			x.n, n = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			x.data, n = protowire.ConsumeBytes(b)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(b)
			x.n = uint64(v)
		default:
			n = protowire.ConsumeFieldValue(number, kind, b)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		if err := f(x); err != nil {
			return err
		}
	}
	return nil
}

func (x protoField) is(number protowire.Number, kind protowire.Type) bool {
	return x.number == number && x.kind == kind
}

func parseSentencePiece(b []byte) (*sentencePieceModel, error) {
	m := &sentencePieceModel{kind: sentencePieceUnigram, unkPiece: "<unk>"}
	err := eachProtoField(b, func(x protoField) error {
		switch {
		case x.is(protoPieces, protowire.BytesType):
			var p scoredPiece
			err := eachProtoField(x.data, func(x protoField) error {
				switch {
				case x.is(protoPiece, protowire.BytesType):
					p.piece = string(x.data)
				case x.is(protoScore, protowire.Fixed32Type):
					p.score = float64(math.Float32frombits(uint32(x.n)))
				}
				return nil
			})
			if err == nil && !utf8.ValidString(p.piece) {
				err = errors.New("not UTF-8")
			}
			if err == nil && (math.IsNaN(p.score) || math.IsInf(p.score, 0)) {
				err = fmt.Errorf("score %v", p.score)
			}
			if err != nil {
				return fmt.Errorf("piece %d: %w", len(m.pieces), err)
			}
			m.pieces = append(m.pieces, p)
		case x.is(protoTrainer, protowire.BytesType):
			return eachProtoField(x.data, func(x protoField) error {
				switch {
				case x.is(protoModelType, protowire.VarintType):
					m.kind = x.n
				case x.is(protoUnkID, protowire.VarintType):
					m.unkID = int(int32(x.n))
				case x.is(protoUnkPiece, protowire.BytesType):
					m.unkPiece = string(x.data)
				}
				return nil
			})
		case x.is(protoNormalizer, protowire.BytesType):
			return eachProtoField(x.data, func(x protoField) error {
				if x.is(protoCharsmap, protowire.BytesType) {
					m.charsmap = slices.Clone(x.data)
				}
				return nil
			})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(m.pieces) == 0 {
		return nil, errors.New("no sentencepiece model: it has no pieces")
	}
	return m, nil
}

// vocabulary is the list of entries in the order of their ids, and the id of the unknown one, as a class has them.
func (m *sentencePieceModel) vocabulary(k family) (list []scoredPiece, unk int, err error) {
	switch k {
	case xlmrKind, camembertKind:
		// fairseq numbered its own four tokens first and kept them apart from the same ones of sentencepiece.
		head, skip := []scoredPiece{{"<s>", 0}, {"<pad>", 0}, {"</s>", 0}, {"<unk>", 0}}, 3
		if k == camembertKind {
			head, skip = []scoredPiece{{"<s>NOTUSED", 0}, {"<pad>", 0}, {"</s>NOTUSED", 0}, {"<unk>", 0}, {"<unk>NOTUSED", -100}}, 1
		}
		list = append(head, m.pieces[min(skip, len(m.pieces)):]...)
		return append(list, scoredPiece{"<mask>", 0}), 3, nil
	case albertKind:
		list = slices.Clone(m.pieces)
		for i, p := range list {
			if endsInDigitComma(p.piece) {
				list[i].score -= 100
			}
		}
	default:
		list = m.pieces
	}
	if m.unkID < 0 || m.unkID >= len(list) {
		return nil, 0, fmt.Errorf("unk_id: %d, and the vocabulary has %d entries", m.unkID, len(list))
	}
	return list, m.unkID, nil
}

func endsInDigitComma(s string) bool {
	r := []rune(s)
	return len(r) >= 2 && r[len(r)-1] == ',' && isPythonDigit(r[len(r)-2])
}

// isPythonDigit is str.isdigit: decimal digits, and those of Numeric_Type Digit.
func isPythonDigit(r rune) bool {
	return unicode.Is(unicode.Nd, r) || r >= 0xB2 && otherDigits.has(r)
}

// otherDigits have Numeric_Type=Digit (Unicode 15, DerivedNumericType.txt).
var otherDigits = runeRanges{
	0xB2, 0xB3, 0xB9, 0xB9, 0x1369, 0x1371, 0x19DA, 0x19DA, 0x2070, 0x2070, 0x2074, 0x2079, 0x2080, 0x2089,
	0x2460, 0x2468, 0x2474, 0x247C, 0x2488, 0x2490, 0x24EA, 0x24EA, 0x24F5, 0x24FD, 0x24FF, 0x24FF, 0x2776, 0x277E,
	0x2780, 0x2788, 0x278A, 0x2792, 0x10A40, 0x10A43, 0x10E60, 0x10E68, 0x11052, 0x1105A, 0x1F100, 0x1F10A,
}

// model is the model of the type that the file was trained as.
func (m *sentencePieceModel) model(k family) (model, error) {
	list, unk, err := m.vocabulary(k)
	if err != nil {
		return nil, err
	}
	switch m.kind {
	case sentencePieceUnigram:
		return newUnigram(list, unk, false), nil
	case sentencePieceBPE:
		ids := make(map[string]uint32, len(list))
		for i, p := range list {
			ids[p.piece] = uint32(i)
		}
		b, err := newBPE(newVocabulary(ids), m.merges(), "", "")
		if err != nil {
			return nil, err
		}
		b.unk, b.fuseUnk = &m.unkPiece, true
		return b, nil
	}
	names := map[uint64]string{3: "word", 4: "char"}
	name, ok := names[m.kind]
	if !ok {
		name = fmt.Sprint(m.kind)
	}
	return nil, &UnsupportedError{Component: "sentencepiece model_type", Name: name, Supported: []string{"unigram", "bpe"}}
}

// merges recovers the merges of a BPE model: each piece joins any two pieces that spell it, earlier pieces first.
func (m *sentencePieceModel) merges() [][2]string {
	ids := make(map[string]int, len(m.pieces))
	for i, p := range m.pieces {
		ids[p.piece] = i
	}
	starts := newTrie(ids)
	var out [][2]string
	for i, p := range m.pieces {
		if ids[p.piece] != i {
			continue
		}
		from := len(out)
		node := int32(0)
		for cut := 1; cut < len(p.piece); cut++ {
			if node = starts.child(node, p.piece[cut-1]); starts.value[node] < 0 {
				continue
			}
			if _, ok := ids[p.piece[cut:]]; ok {
				out = append(out, [2]string{p.piece[:cut], p.piece[cut:]})
			}
		}
		slices.SortStableFunc(out[from:], func(x, y [2]string) int {
			return cmp.Or(cmp.Compare(ids[x[0]], ids[y[0]]), cmp.Compare(ids[x[1]], ids[y[1]]))
		})
	}
	return out
}

// sentencePieceNormalizer is what a class puts around the model's own charsmap.
func (f *folder) sentencePieceNormalizer(charsmap []byte) (normalizer, error) {
	var own normalizers
	if len(charsmap) > 0 {
		c, err := newCharsmap(charsmap)
		if err != nil {
			return nil, err
		}
		own = normalizers{c}
	}
	replace := func(p pattern, by string) normalizer {
		content := []rune(by)
		return normalizeFunc(func(t *text) { t.replace(p, content) })
	}
	spaces := scanner(scanSpaces)
	if f.class.family != albertKind && f.class.family != rembertKind {
		return append(own, normalizeFunc(func(t *text) { t.strip(false, true) }), replace(spaces, "▁")), nil
	}
	albert := f.class.family == albertKind
	keepAccents, err := field(f.config, "keep_accents", !albert)
	if err != nil {
		return nil, err
	}
	lower, err := field(f.config, "do_lower_case", albert)
	if err != nil {
		return nil, err
	}
	seq := normalizers{replace(literal("``"), `"`), replace(literal("''"), `"`)}
	if !albert {
		seq = append(seq, replace(spaces, " "))
	}
	if !keepAccents {
		nfkd, err := newForm("NFKD")
		if err != nil {
			return nil, err
		}
		seq = append(seq, nfkd, newStripAccents())
	}
	if lower {
		seq = append(seq, newLowercase())
	}
	seq = append(seq, own...)
	if albert {
		seq = append(seq, replace(spaces, " "))
	}
	return seq, nil
}

// fromSentencePiece builds the tokenizer of a sentencepiece model alone: that of the class named, or else of the class
// whose files bear that name.
func (f *folder) fromSentencePiece(name string) (*Tokenizer, error) {
	if f.class.name == "" {
		usual := map[string]string{"sentencepiece.bpe.model": "XLMRobertaTokenizer", "spiece.model": "AlbertTokenizer", "sentencepiece.model": "RemBertTokenizer"}[name]
		if usual == "" {
			return nil, &UnsupportedError{Component: "file without tokenizer_class", Name: name, Supported: supportedFiles}
		}
		f.class = classOf(usual)
	}
	if !f.class.usesSentencePiece() {
		return nil, f.unsupportedClass(name, xlmrKind, camembertKind, albertKind, rembertKind, bigBirdKind)
	}
	b, err := fs.ReadFile(f.FS, name)
	if err != nil {
		return nil, err
	}
	p, err := parseSentencePiece(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	m, err := p.model(f.class.family)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := f.readSpecials(nil); err != nil {
		return nil, err
	}
	if f.class.slow != nil {
		f.class.tokens = f.class.slow
	}
	if f.class.family == xlmrKind { // the slow class's string becomes a special AddedToken, the fast one's does not
		f.class.mask.Special = true
	}
	f.class.complete(&f.specials)
	f.class.freeze(&f.specials)
	n, err := f.sentencePieceNormalizer(p.charsmap)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	f.own = n
	cls, sep, seps, secondType := "[CLS]", "[SEP]", 1, int64(1)
	if f.class.family == xlmrKind || f.class.family == camembertKind {
		cls, sep, seps, secondType = "<s>", "</s>", 2, 0
	}
	space := metaspace{char: '▁', scheme: "always", split: true}
	t := &Tokenizer{
		normalizer:    n,
		preTokenizer:  space,
		model:         m,
		postProcessor: bertTemplate(f.specialNamed(m.words(), cls), f.specialNamed(m.words(), sep), seps, secondType),
		decoder:       space,
		added:         newAddedVocabulary(m.words()),
	}
	return t, f.finish(t)
}
