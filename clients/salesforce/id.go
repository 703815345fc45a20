package salesforce

import "strings"

// AccountID is Salesforce's key of an account: "001...", of 15 or of 18 characters. The shorter form tells upper from lower
// case; the longer one adds three characters that hold the cases, and is the only one in answers.
type AccountID string

// UserID is Salesforce's key of a user: "005...", of 15 or of 18 characters.
type UserID string

const (
	accountPrefix = "001"
	userPrefix    = "005"
)

// Long is the id in its form of 18 characters; empty for what is no id of an account.
func (id AccountID) Long() AccountID { return AccountID(long(string(id), accountPrefix)) }

// Long is the id in its form of 18 characters; empty for what is no id of a user.
func (id UserID) Long() UserID { return UserID(long(string(id), userPrefix)) }

// long makes 18 characters of 15 or checks those of 18, whose first 15 may have lost their case: the last three restore it.
func long(id, prefix string) string {
	if len(id) != 15 && len(id) != 18 || !strings.HasPrefix(id, prefix) {
		return ""
	}
	letters := []byte(id)
	for _, c := range letters {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return ""
		}
	}
	if len(letters) == 18 && !recase(letters) {
		return ""
	}
	return string(append(letters[:15:15], cases(letters[:15])...))
}

const caseDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

// cases are the three characters that say which of the 15 are upper case: five each, the first in the lowest bit.
func cases(short []byte) []byte {
	digits := make([]byte, 3)
	for group := range digits {
		upper := 0
		for i, c := range short[group*5 : group*5+5] {
			if c >= 'A' && c <= 'Z' {
				upper |= 1 << i
			}
		}
		digits[group] = caseDigits[upper]
	}
	return digits
}

// recase gives the first 15 letters the case that the last three demand, and reports whether they can have it.
func recase(id []byte) bool {
	for group := range 3 {
		upper := strings.IndexByte(caseDigits, id[15+group]&^0x20)
		if c := id[15+group]; c >= '0' && c <= '9' {
			upper = strings.IndexByte(caseDigits, c)
		}
		if upper < 0 {
			return false
		}
		for i := range 5 {
			c := &id[group*5+i]
			letter := *c|0x20 >= 'a' && *c|0x20 <= 'z'
			switch wants := upper>>i&1 == 1; {
			case wants && !letter:
				return false
			case wants:
				*c &^= 0x20
			case letter:
				*c |= 0x20
			}
		}
	}
	return true
}
