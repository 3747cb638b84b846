package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// contentError is a fault of an element's content, offset bytes into it.
type contentError struct {
	offset int64
	cause  error
}

func (e *contentError) Error() string { return e.cause.Error() }
func (e *contentError) Unwrap() error { return e.cause }

// fail says where in the text an error lies.
func (w *walker) fail(offset int64, cause error) error {
	line, column, offset, err := w.in.position(offset)
	if err != nil {
		return errors.Join(cause, err)
	}
	return fmt.Errorf("read %s: line %d, column %d (byte %d): %w", w.in.name, line, column, offset, cause)
}

// broken reports what stopped the decoder between values.
func (w *walker) broken(err error) error { return w.brokenFrom(w.dec.InputOffset(), err) }

// brokenFrom reports what stopped the decoder at the value that begins at or
// after start. The decoder's own offsets count only the bytes that it scanned,
// so a decoder of its own finds the place again.
func (w *walker) brokenFrom(start int64, cause error) error {
	if errors.Is(cause, io.EOF) || errors.Is(cause, io.ErrUnexpectedEOF) {
		return w.fail(math.MaxInt64, errors.New("ends too early; it was cut off or is empty"))
	}
	var syntax *json.SyntaxError
	if !errors.As(cause, &syntax) {
		return fmt.Errorf("read %s: %w", w.in.name, cause)
	}
	t, err := w.in.open()
	if err != nil {
		return errors.Join(cause, err)
	}
	defer t.Close()
	start, err = skipTo(t, start)
	if err != nil {
		return errors.Join(cause, err)
	}
	var raw json.RawMessage
	if !errors.As(json.NewDecoder(t).Decode(&raw), &syntax) {
		return w.fail(start, cause)
	}
	return w.fail(start+syntax.Offset-1, syntax)
}

// skipTo discards start bytes, and then what stands between values, and returns
// how many bytes that were in all.
func skipTo(t text, start int64) (int64, error) {
	if _, err := io.CopyN(io.Discard, t, start); err != nil {
		return 0, err
	}
	for {
		c, err := t.ReadByte()
		if errors.Is(err, io.EOF) {
			return start, nil
		}
		if err != nil {
			return 0, err
		}
		if !bytes.ContainsRune([]byte(" \t\r\n,:"), rune(c)) {
			return start, t.UnreadByte()
		}
		start++
	}
}

// position returns the line and the column, in bytes and both from 1, of the
// byte at offset, or of the end of a text that is shorter, and where that is.
func (in *input) position(offset int64) (line, column, at int64, err error) {
	t, err := in.open()
	if err != nil {
		return 0, 0, 0, err
	}
	defer t.Close()
	line, column = 1, 1
	for at = range offset {
		c, err := t.ReadByte()
		if err != nil {
			return line, column, at, nil
		}
		column++
		if c == '\n' {
			line, column = line+1, 1
		}
	}
	return line, column, offset, nil
}
