package main

import (
	"errors"
	"strconv"

	"github.com/spf13/cobra"
)

// minimizeFlag is the value of --minimize, which can stand alone.
type minimizeFlag struct {
	on     bool
	length int // characters that a prefix keeps at least
}

func (m *minimizeFlag) String() string {
	if !m.on {
		return ""
	}
	return strconv.Itoa(m.length)
}

// Type is what the help calls the value.
func (m *minimizeFlag) Type() string { return "N" }

// Set takes a number of characters.
func (m *minimizeFlag) Set(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return errors.New("want a number of characters, 0 or more")
	}
	m.on, m.length = true, n
	return nil
}

// args checks that there is no argument but the number in "--minimize 4": a flag
// that can stand alone does not take it, and policy_sentry's did.
func (m *minimizeFlag) args(cmd *cobra.Command, a []string) error {
	if m.on && len(a) == 1 && m.Set(a[0]) == nil {
		return nil
	}
	return cobra.NoArgs(cmd, a)
}
