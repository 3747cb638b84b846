package policy

// plain returns how many bytes of s, from the first, are printable ASCII that JSON
// writes without an escape. To ask that of every text of a policy is much of what
// it takes to read or write one, so that eight bytes are asked at once: see "Bit
// Twiddling Hacks" by S. E. Anderson, "Determine if a word has a byte less than n".
func plain(s string) int {
	const (
		each  = 0x0101010101010101
		highs = 0x80 * each
	)
	at := 0
	for ; at+8 <= len(s); at += 8 {
		b := s[at : at+8]
		w := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		quote, backslash := w^('"'*each), w^('\\'*each)
		low := (w - ' '*each) &^ w
		high := w | (w + each)
		if (low|high|(quote-each)&^quote|(backslash-each)&^backslash)&highs != 0 {
			break
		}
	}
	for at < len(s) && isPlain(s[at]) {
		at++
	}
	return at
}

func isPlain(b byte) bool { return ' ' <= b && b <= '~' && b != '"' && b != '\\' }
