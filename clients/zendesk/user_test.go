package zendesk_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"supportgraph/clients/sandbox/vendors"
	"supportgraph/clients/upstream"
	"supportgraph/clients/zendesk"
)

func TestUsersAndOrganizations(t *testing.T) {
	t.Parallel()
	w := serve(t, 0, vendors.Options{}, upstream.Config{})
	users, failed := w.client.Users(t.Context(), upstream.Agents, []zendesk.UserID{ada, 2002, 2003, 9, 0})
	if len(users) != 3 || len(failed) != 0 || users[2002].Role != zendesk.VendorUserAgent || !users[2002].Suspended || users[2003].Role != zendesk.VendorUserOther {
		t.Errorf("users %v, failed %v", users, failed)
	}
	want := &zendesk.VendorUser{ID: ada, Name: "Ada", Email: ptr("ada@acme.example"), Role: zendesk.VendorUserEndUser,
		OrganizationID: ptr(zendesk.OrganizationID(acme)), ExternalID: ptr("con_Ada"), CreatedAt: born, UpdatedAt: changed}
	if diff := cmp.Diff(want, users[ada], cmpopts.IgnoreTypes(upstream.Source{})); diff != "" {
		t.Error(diff)
	}
	organizations, failedToo := w.client.Organizations(t.Context(), []zendesk.OrganizationID{acme, 5002, 9})
	if len(organizations) != 2 || len(failedToo) != 0 || organizations[5002].ExternalID != nil || organizations[5002].Tags == nil {
		t.Errorf("organisations %v, failed %v", organizations, failedToo)
	}
	wanted := &zendesk.VendorOrganization{ID: acme, Name: "Acme", ExternalID: ptr("acc_1"), Domains: []string{"acme.example"}, Tags: []string{"vip"}, CreatedAt: born, UpdatedAt: changed}
	if diff := cmp.Diff(wanted, organizations[acme], cmpopts.IgnoreTypes(upstream.Source{})); diff != "" {
		t.Error(diff)
	}
	if w.calls() != 2 {
		t.Errorf("%d calls", w.calls())
	}
}

func TestByExternalID(t *testing.T) {
	t.Parallel()
	w := serve(t, 0, vendors.Options{}, upstream.Config{})
	users, failed := w.client.UsersByExternalID(t.Context(), []string{"con_Ada", "con_cy", "con_cy", "con_none", "", "a,b"})
	if len(users) != 2 || len(failed) != 0 || users["con_Ada"].ID != ada || users["con_cy"].ID != 2003 {
		t.Errorf("users %v, failed %v", users, failed)
	}
	organizations, failedToo := w.client.OrganizationsByExternalID(t.Context(), []string{"acc_1", "ACC_1", "acc_2"})
	if len(organizations) != 1 || len(failedToo) != 0 || organizations["acc_1"].ID != acme {
		t.Errorf("organisations %v, failed %v", organizations, failedToo)
	}
	keys := w.Stats()[vendors.Zendesk].Ops
	if keys["users.show_many"].Keys[3] != 1 || keys["organizations.show_many"].Keys[3] != 1 {
		t.Errorf("keys of the calls %v", keys)
	}
}
