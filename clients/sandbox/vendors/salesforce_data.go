package vendors

import "time"

// SalesforceData is what a Salesforce organisation holds.
type SalesforceData struct {
	Accounts []CrmAccount
	Users    []CrmUser
	Custom   []string // the API names of the custom fields that accounts have: "Segment__c"
}

// CrmAccount is a record of the object Account.
type CrmAccount struct {
	ID       string // 18 characters, "001..."
	Name     string
	Type     string // "Customer - Direct"; empty: null on the wire
	Industry string // empty: null on the wire
	OwnerID  string // of a user
	Custom   map[string]any
	Created  time.Time
	Modified time.Time
}

// CrmUser is a record of the object User.
type CrmUser struct {
	ID    string // 18 characters, "005..."
	Name  string
	Email string
}

// SalesforceID makes the 18 characters of a record's id from its 15, which tell upper from lower case: the last three hold
// the cases of five characters each.
func SalesforceID(short string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	long := []byte(short)
	for start := 0; start+5 <= len(short); start += 5 {
		upper := 0
		for i, c := range []byte(short[start : start+5]) {
			if c >= 'A' && c <= 'Z' {
				upper |= 1 << i
			}
		}
		long = append(long, alphabet[upper])
	}
	return string(long)
}
