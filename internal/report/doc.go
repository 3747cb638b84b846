// Package report writes judgements for people and for programs: as text, JSON,
// CSV, Markdown and HTML.
//
// It owns how a report reads: what comes first, what is counted, what is shown
// of a statement. It judges nothing (catalog/risk does) and reads no files. Its
// functions are pure; everything in a report may have been written by an
// attacker, and no format lets it be more than text: not markup, not a formula of
// a spreadsheet, not a command to a terminal.
package report
