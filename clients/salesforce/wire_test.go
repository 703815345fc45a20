package salesforce

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/upstream"
)

const known = AccountID("001xx000003DGb1AAG")

var own = Fields{Segment: "Segment__c", RenewalDate: "Renewal__c", ContractValue: "Value__c", Currency: "CurrencyIsoCode"}

const recorded = `[{"attributes":{"type":"Account","url":"/services/data/v66.0/sobjects/Account/001xx000003DGb1AAG"},"Id":"001xx000003DGb1AAG",
"Name":"Acme","Industry":null,"OwnerId":"005xx000001SwiUAAS","CreatedDate":"2026-11-01T10:00:00.000+0000","LastModifiedDate":"2026-11-01T12:00:00.000+0200",
"Segment__c":null,"Renewal__c":"2027-02-28","Value__c":1.25E5,"CurrencyIsoCode":"JPY"}]`

func TestRecordedAccount(t *testing.T) {
	t.Parallel()
	answer := accounts{asked: []AccountID{known}, fields: own}
	if err := upstream.Decode([]byte(recorded), &answer); err != nil {
		t.Fatal(err)
	}
	acme := answer.found()[known]
	if *acme.ContractValue != 125000 || *acme.Currency != "JPY" || acme.Segment != nil || acme.UpdatedAt.Format(time.RFC3339) != "2026-11-01T10:00:00Z" ||
		acme.RenewalDate.Format(time.DateOnly) != "2027-02-28" {
		t.Errorf("%+v", acme)
	}
}

func TestUnusableAnswers(t *testing.T) {
	t.Parallel()
	row := func(more string) string {
		return `[{"Id":"001xx000003DGb1AAG","Name":"A","CreatedDate":"2026-11-01T10:00:00.000+0000","LastModifiedDate":"2026-11-01T10:00:00.000+0000"` + more + `}]`
	}
	all := `,"Segment__c":"x","Renewal__c":null,"Value__c":1,"CurrencyIsoCode":"USD"`
	if err := upstream.Decode([]byte(row(all)), &accounts{asked: []AccountID{known}, fields: own}); err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"null": `null`, "an object": `{}`, "too few": `[]`, "too many": `[null,null]`,
		"not asked for":     `[{"Id":"001xx000003DGb2AAG","Name":"A"}]`,
		"no name":           `[{"Id":"001xx000003DGb1AAG"}]`,
		"an error":          `[{"message":"x","errorCode":"Y"}]`,
		"no time":           `[{"Id":"001xx000003DGb1AAG","Name":"A"}]`,
		"another time":      `[{"Id":"001xx000003DGb1AAG","Name":"A","CreatedDate":"yesterday"}]`,
		"own fields absent": row(``),
		"a segment of 1":    row(`,"Segment__c":1,"Renewal__c":null,"Value__c":1,"CurrencyIsoCode":"USD"`),
		"no day":            row(`,"Segment__c":"x","Renewal__c":"2026-02-30","Value__c":1,"CurrencyIsoCode":"USD"`),
		"a value as text":   row(`,"Segment__c":"x","Renewal__c":null,"Value__c":"1","CurrencyIsoCode":"USD"`),
		"an owner's name":   row(all + `,"OwnerId":"Ada"`),
	} {
		if err := upstream.Decode([]byte(body), &accounts{asked: []AccountID{known}, fields: own}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	twice := fmt.Sprintf("[%s,%s]", recorded[1:len(recorded)-1], recorded[1:len(recorded)-1])
	if err := upstream.Decode([]byte(twice), &accounts{asked: []AccountID{known, "001xx000003DGb2AAG"}, fields: own}); err == nil {
		t.Error("a record twice: accepted")
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	for asked, want := range map[AccountID]AccountID{
		"001xx000003DGb1": "001xx000003DGb1AAG", // both from the vendor's documentation
		known:             known, "001XX000003dgb1AAG": known, "001xx000003dgb1aag": known,
		"": "", "001": "", "005xx000001SwiU": "", "001xx000003DGb1AA": "", "001xx000003DGb1AA!": "", "001xx000003DGb1AA9": "", "001xx00000\x003DGb1": "", "001xx000003DGb1\xff\xffG": "",
		"001xx000003DGb1BAG": "", // demands an upper-case 0
	} {
		if got := asked.Long(); got != want {
			t.Errorf("%q: got %q, want %q", asked, got, want)
		}
	}
	if got := vendors.SalesforceID("001xx000003DGb1"); got != string(known) {
		t.Errorf("the stand-in says %q", got)
	}
}

func TestAllowance(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]int{
		"api-usage=10018/100000": {100000, 89982}, "api-bursts=1/750; api-usage=1/2 ": {2, 1}, "api-usage=3/2": {2, -1},
		"": {}, "api-usage=": {}, "api-usage=1/0": {}, "api-usage=a/b": {}, "per-app-api-usage=17/250(appName=x)": {},
	} {
		limit, left, ok := allowance(http.Header{"Sforce-Limit-Info": {text}})
		if limit != want[0] || left != want[1] || ok != (want[0] > 0) {
			t.Errorf("%q: %d of %d, %v", text, left, limit, ok)
		}
	}
}

func FuzzAccounts(f *testing.F) {
	f.Add([]byte(recorded), string(known))
	f.Add([]byte(`[null]`), "001xx000003DGb1")
	f.Add([]byte(`[{"message":"x","errorCode":"Y"}]`), "")
	f.Fuzz(func(t *testing.T, body []byte, id string) {
		explain(body)
		if long := AccountID(id).Long(); long != "" && (len(long) != 18 || long.Long() != long) {
			t.Errorf("%q is %q, which is %q", id, long, long.Long())
		}
		answer := accounts{asked: []AccountID{known}, fields: own}
		if upstream.Decode(body, &answer) != nil {
			return
		}
		for id, account := range answer.found() {
			if id != known || account.ID != known || account.Name == "" || account.CreatedAt.Year() > 9999 {
				t.Errorf("%+v", account)
			}
			if account.ContractValue != nil && (*account.ContractValue > 1<<53 || *account.ContractValue < -1<<53) {
				t.Errorf("%d", *account.ContractValue)
			}
		}
	})
}
