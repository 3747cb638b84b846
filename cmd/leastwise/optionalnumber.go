package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

// optionalNumber is the value of a flag that can stand alone: --minimize.
type optionalNumber struct {
	on    bool
	n     int
	least int
}

func (o *optionalNumber) String() string {
	if !o.on {
		return ""
	}
	return strconv.Itoa(o.n)
}

// Type is what the help calls the value.
func (o *optionalNumber) Type() string { return "N" }

// Set takes a number of characters.
func (o *optionalNumber) Set(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < o.least {
		return fmt.Errorf("want a number of characters, %d or more", o.least)
	}
	o.on, o.n = true, n
	return nil
}

// addTo adds the flag; alone is what it is without a value.
func (o *optionalNumber) addTo(fs *pflag.FlagSet, name, short string, alone int, usage string) {
	fs.VarP(o, name, short, usage)
	fs.Lookup(name).NoOptDefVal = strconv.Itoa(alone)
}

// joinValues joins flags that can stand alone with the value behind them: pflag
// reads "--minimize=4" only, and policy_sentry's users write "--minimize 4" and "-m4".
func joinValues(args []string) []string {
	isNumber := func(s string) bool { _, err := strconv.Atoi(s); return err == nil }
	isExplanation := func(s string) bool { return slices.Contains(explainFormats(), strings.ToLower(s)) }
	values := map[string]func(string) bool{"--minimize": isNumber, "-m": isNumber, "--max-size": isNumber, "--explain": isExplanation}
	joined := make([]string, 0, len(args))
	for i := 0; i < len(args); i++ {
		if args[i] == "--" {
			return append(joined, args[i:]...)
		}
		if n, short := strings.CutPrefix(args[i], "-m"); short && isNumber(n) {
			joined = append(joined, "-m="+n)
			continue
		}
		if is := values[args[i]]; is != nil && i+1 < len(args) && is(args[i+1]) {
			joined = append(joined, args[i]+"="+args[i+1])
			i++
			continue
		}
		joined = append(joined, args[i])
	}
	return joined
}
