package engine

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// loadSecrets reads the passwords of users from the JSON file at path, and
// makes and stores those that it lacks, so that a restart keeps them. A new
// password has at least 128 random bits and needs no escaping in a URL.
func loadSecrets(path string, users ...string) (map[string]string, error) {
	secrets := map[string]string{}
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("read passwords: %w", err)
	default:
		if err := json.Unmarshal(text, &secrets); err != nil {
			return nil, fmt.Errorf("read passwords %s: %w", path, err)
		}
	}
	complete := true
	for _, user := range users {
		if secrets[user] == "" {
			secrets[user] = rand.Text()
			complete = false
		}
	}
	if complete {
		return secrets, os.Chmod(path, 0o600)
	}
	text, err = json.MarshalIndent(secrets, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write passwords: %w", err)
	}
	return secrets, writeFileAtomic(path, append(text, '\n'))
}
