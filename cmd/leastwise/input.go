package main

import (
	"fmt"
	"io"
	"os"
)

// stdio is the name of standard input and standard output in flags.
const stdio = "-"

// maxInput bounds what is read into memory: no template or policy is near as large.
const maxInput = 16 << 20

// readInput reads a file, or standard input where its name is stdio. What says
// in errors what it holds.
func readInput(what, input string, stdin io.Reader) ([]byte, error) {
	in := stdin
	if input != stdio {
		f, err := os.Open(input)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", what, err)
		}
		defer f.Close()
		in = f
	}
	raw, err := io.ReadAll(io.LimitReader(in, maxInput+1))
	if err != nil {
		return nil, fmt.Errorf("read %s %s: %w", what, inputName(input), err)
	}
	if len(raw) > maxInput {
		return nil, fmt.Errorf("read %s %s: it is larger than %d MiB", what, inputName(input), maxInput>>20)
	}
	return raw, nil
}

func inputName(input string) string {
	if input == stdio {
		return "from standard input"
	}
	return input
}
