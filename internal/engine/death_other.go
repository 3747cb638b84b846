//go:build !linux

package engine

import "syscall"

// diesWithParent has no counterpart here; a child sees the end of its pipe.
func diesWithParent(syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{}
}
