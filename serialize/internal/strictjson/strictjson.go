// Package strictjson walks a JSON object key by key and refuses what
// encoding/json lets pass: keys that occur twice (it keeps the last one) and
// text that is not UTF-8 (it replaces it). In a file of weights either would
// silently change which numbers are read.
//
// It keeps no state: any number of goroutines may call it at once.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Object calls visit for every key of the JSON object in data, in the file's
// order, with the key's undecoded value. It fails where data is not exactly one
// object, is not UTF-8 or has a key twice, and returns visit's first error
// as it is.
func Object(data []byte, visit func(key string, value json.RawMessage) error) error {
	if err := Check(data); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	open, err := dec.Token()
	if err != nil {
		return err
	}
	if open != json.Delim('{') {
		return fmt.Errorf("want a JSON object, found %s", Clip(data))
	}
	seen := make(map[string]bool)
	for dec.More() {
		token, err := dec.Token()
		if err != nil {
			return err
		}
		key := token.(string) // Check has seen that the syntax is right
		if seen[key] {
			return fmt.Errorf("key %q occurs twice", key)
		}
		seen[key] = true
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return err
		}
		if err := visit(key, value); err != nil {
			return err
		}
	}
	return nil
}

// Check reports what keeps data from being one JSON value in UTF-8, with the
// byte at which it goes wrong.
func Check(data []byte) error {
	if !utf8.Valid(data) {
		at := 0
		for at < len(data) {
			r, n := utf8.DecodeRune(data[at:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			at += n
		}
		return fmt.Errorf("byte %d (0x%02x) is not UTF-8", at, data[at])
	}
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return fmt.Errorf("bad JSON at byte %d: %w", syntax.Offset, err)
		}
		return fmt.Errorf("bad JSON: %w", err)
	}
	return nil
}

// Clip returns text for an error message: quoted, and cut where it is long.
func Clip(text []byte) string {
	const most = 40
	if len(text) > most {
		return fmt.Sprintf("%q…", text[:most])
	}
	return fmt.Sprintf("%q", text)
}
