package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// The lists of an export.
const (
	userList   = "UserDetailList"
	groupList  = "GroupDetailList"
	roleList   = "RoleDetailList"
	policyList = "Policies"
	// isTruncated is beside them when only a page was saved.
	isTruncated = "IsTruncated"
)

// lists says what to do with each element of a list, or with a single value, by
// its key in the export. The bytes are the callee's only until it returns.
type lists map[string]func(element json.RawMessage) error

// walk reads the file's objects, of which there may be several one after the
// other, and visits the elements of the lists in their order. Keys that are not
// in visit are passed over. An error says where it lies.
func (in *input) walk(ctx context.Context, visit lists) error {
	t, err := in.open()
	if err != nil {
		return err
	}
	defer t.Close()
	w := &walker{in: in, dec: json.NewDecoder(t), visit: visit}
	for objects := 0; ; objects++ {
		token, err := w.dec.Token()
		if errors.Is(err, io.EOF) && objects > 0 {
			return nil
		}
		if err != nil {
			return w.broken(err)
		}
		if token != json.Delim('{') {
			return w.fail(w.dec.InputOffset()-1, errors.New("is not a JSON object"))
		}
		if err := w.object(ctx); err != nil {
			return err
		}
	}
}

type walker struct {
	in    *input
	dec   *json.Decoder
	visit lists
}

// object visits an export's object, whose opening brace has been read.
func (w *walker) object(ctx context.Context) error {
	for w.dec.More() {
		token, err := w.dec.Token()
		if err != nil {
			return w.broken(err)
		}
		key, _ := token.(string)
		switch key {
		case userList, groupList, roleList, policyList:
			err = w.list(ctx, key)
		case isTruncated:
			err = w.element(key)
		default:
			err = w.skip()
		}
		if err != nil {
			return err
		}
	}
	if _, err := w.dec.Token(); err != nil {
		return w.broken(err)
	}
	return nil
}

// list visits the elements of a list; null is an empty one.
func (w *walker) list(ctx context.Context, key string) error {
	token, err := w.dec.Token()
	switch {
	case err != nil:
		return w.broken(err)
	case token == nil:
		return nil
	case token != json.Delim('['):
		return w.fail(w.dec.InputOffset()-1, fmt.Errorf("%s is not a list", key))
	}
	for w.dec.More() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.element(key); err != nil {
			return err
		}
	}
	if _, err := w.dec.Token(); err != nil {
		return w.broken(err)
	}
	return nil
}

// element visits the next value.
func (w *walker) element(key string) error {
	start := w.dec.InputOffset()
	var raw json.RawMessage
	if err := w.dec.Decode(&raw); err != nil {
		return w.brokenFrom(start, err)
	}
	visit := w.visit[key]
	if visit == nil {
		return nil
	}
	err := visit(raw)
	if err == nil {
		return nil
	}
	base := w.dec.InputOffset() - int64(len(raw))
	var wrong *contentError
	if !errors.As(err, &wrong) {
		return err
	}
	return w.fail(base+wrong.offset, err)
}

// skip passes over the next value, however large, without keeping it.
func (w *walker) skip() error {
	for depth := 0; ; {
		token, err := w.dec.Token()
		if err != nil {
			return w.broken(err)
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}
