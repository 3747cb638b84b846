package engine

import "syscall"

// diesWithParent makes the kernel send sig to a child when the thread that
// started it ends, see [runLocked].
func diesWithParent(sig syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: sig}
}
