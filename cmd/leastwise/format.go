package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// The formats of answers.
const (
	formatJSON      = "json"
	formatYAML      = "yaml"
	formatCSV       = "csv"
	formatTable     = "table"
	formatTerraform = "terraform"
)

// choice is the value of a flag that takes one of several words, in any case.
type choice struct {
	value string
	of    []string
}

func (c *choice) String() string { return c.value }
func (c *choice) Type() string   { return "string" }

// Set takes one of the words.
func (c *choice) Set(s string) error {
	s = strings.ToLower(s)
	if !slices.Contains(c.of, s) {
		last := len(c.of) - 1
		return fmt.Errorf("want %s or %s", strings.Join(c.of[:last], ", "), c.of[last])
	}
	c.value = s
	return nil
}

// addFormat adds --fmt; the first of the formats is what it is unless said otherwise.
func addFormat(cmd *cobra.Command, of ...string) *choice {
	c := &choice{value: of[0], of: of}
	cmd.Flags().Var(c, "fmt", "`format` of the answer: "+strings.Join(of, ", "))
	complete(cmd, "fmt", of)
	return c
}

// grid is an answer as rows of text under a header.
type grid struct {
	header []string
	rows   [][]string
}

// encode returns value in a format, with a newline at its end; rows is the same
// for the formats of tables, made only for them.
func encode(format string, value any, rows func() grid) ([]byte, error) {
	switch format {
	case formatCSV:
		return rows().csv()
	case formatTable:
		return rows().text()
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "    ")
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	if format == formatYAML {
		return jsonToYAML(text.Bytes())
	}
	return text.Bytes(), nil
}

// csv has lists of names with a semicolon between them.
func (g grid) csv() ([]byte, error) {
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	if err := w.Write(g.header); err != nil {
		return nil, fmt.Errorf("encode CSV: %w", err)
	}
	if err := w.WriteAll(g.rows); err != nil {
		return nil, fmt.Errorf("encode CSV: %w", err)
	}
	return text.Bytes(), nil
}

func (g grid) text() ([]byte, error) {
	var rows, text bytes.Buffer
	fmt.Fprintln(&rows, strings.ToUpper(strings.Join(g.header, "\t")))
	for _, row := range g.rows {
		fmt.Fprintln(&rows, strings.Join(row, "\t"))
	}
	err := writeTable(&text, rows.Bytes())
	return text.Bytes(), err
}

// writeTable writes lines with their cells, between which they have tabs, in columns.
// No line of it ends in a space, whichever of its last cells are empty.
func writeTable(out io.Writer, lines []byte) error {
	var text bytes.Buffer
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	if _, err := w.Write(lines); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	_, err := out.Write(trimLines(text.Bytes()))
	return err
}

// trimLines takes the padding off the ends of lines.
func trimLines(text []byte) []byte {
	lines := bytes.Split(text, []byte("\n"))
	for i := range lines {
		lines[i] = bytes.TrimRight(lines[i], " ")
	}
	return bytes.Join(lines, []byte("\n"))
}

// joinNames makes one cell of a list of names, none of which has a semicolon.
func joinNames(names []string) string { return strings.Join(names, ";") }

// writeAnswer writes an answer to standard output.
func writeAnswer(w io.Writer, format string, value any, rows func() grid) error {
	text, err := encode(format, value, rows)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}
