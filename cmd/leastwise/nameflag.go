package main

import (
	"errors"

	"github.com/spf13/pflag"
)

// nameFlag is the value of a flag that takes a name, which is never empty: "" is
// what a script gives whose variable is not set, and would mean no name at all.
type nameFlag struct {
	name    *string
	instead string // what to do in place of an empty name
}

func (f *nameFlag) String() string { return *f.name }
func (f *nameFlag) Type() string   { return "string" }

// Set takes a name.
func (f *nameFlag) Set(s string) error {
	if s == "" {
		return errors.New("it is empty; " + f.instead)
	}
	*f.name = s
	return nil
}

// addName adds a flag for a name, which is none until it is given.
func addName(fs *pflag.FlagSet, to *string, name, short, usage string) {
	fs.VarP(&nameFlag{to, "leave the flag out to name none"}, name, short, usage)
}

// addService adds --service, which has its default in it already.
func addService(fs *pflag.FlagSet, to *string, usage string) {
	fs.VarP(&nameFlag{to, "all means all services"}, "service", "s", usage)
}
