package engine

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"unsafe"

	"github.com/ebitengine/purego"
)

// chdb is a loaded libchdb, with the functions of its C header chdb.h and of
// the C library that running it as a server takes.
type chdb struct {
	queryCmdline func(argc int32, argv **byte) uintptr
	resultError  func(result uintptr) string

	posixOpenpt func(flags int32) int32
	grantpt     func(fd int32) int32
	unlockpt    func(fd int32) int32
	ptsname     func(fd int32) string
	dup2        func(from, to int32) int32
}

// openChDB loads the library at path.
func openChDB(path string) (lib *chdb, err error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", path, err)
	}
	lib = &chdb{}
	for name, fn := range map[string]any{
		"chdb_query_cmdline": &lib.queryCmdline,
		"chdb_result_error":  &lib.resultError,
	} {
		if err := bind(fn, handle, name); err != nil {
			return nil, fmt.Errorf("load %s: %w", path, err)
		}
	}
	for name, fn := range map[string]any{
		"posix_openpt": &lib.posixOpenpt,
		"grantpt":      &lib.grantpt,
		"unlockpt":     &lib.unlockpt,
		"ptsname":      &lib.ptsname,
		"dup2":         &lib.dup2,
	} {
		if err := bind(fn, purego.RTLD_DEFAULT, name); err != nil {
			return nil, fmt.Errorf("load the C library: %w", err)
		}
	}
	return lib, nil
}

func bind(fn any, handle uintptr, name string) error {
	symbol, err := purego.Dlsym(handle, name)
	if err != nil {
		return err
	}
	purego.RegisterFunc(fn, symbol)
	return nil
}

// attachTerminal makes stdin the far end of a pseudo-terminal, on which nothing
// is typed until hangUp closes its near end.
//
// clickhouse-local installs an error handler that ends the process unless its
// stdin is a terminal. It was made for one query; with listeners it ends the
// server when a client resets a connection that has not said anything yet.
func (lib *chdb) attachTerminal() (hangUp func() error, err error) {
	near := lib.posixOpenpt(syscall.O_RDWR | syscall.O_NOCTTY)
	if near < 0 || lib.grantpt(near) != 0 || lib.unlockpt(near) != 0 {
		return nil, errors.New("open pseudo-terminal: none to be had")
	}
	// Not os.Open, which would make the terminal non-blocking.
	far, err := syscall.Open(lib.ptsname(near), syscall.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, fmt.Errorf("open pseudo-terminal: %w", err)
	}
	const stdin = 0
	if lib.dup2(int32(far), stdin) != stdin {
		return nil, errors.New("open pseudo-terminal: cannot be stdin")
	}
	return func() error { return syscall.Close(int(near)) }, syscall.Close(far)
}

// cmdline runs clickhouse-local with these arguments, the first of which is its
// name, and returns when it ends.
func (lib *chdb) cmdline(args ...string) error {
	var pinner runtime.Pinner
	defer pinner.Unpin()
	argv := make([]*byte, len(args)+1) // a nil at the end, as C has it
	for i, arg := range args {
		argv[i] = &append([]byte(arg), 0)[0]
		pinner.Pin(argv[i])
	}
	result := lib.queryCmdline(int32(len(args)), unsafe.SliceData(argv)) //nolint:gosec // the C function wants a char **
	if result == 0 {
		return errors.New("run libchdb: no result")
	}
	if msg := lib.resultError(result); msg != "" {
		return fmt.Errorf("run libchdb: %s", msg)
	}
	return nil
}
