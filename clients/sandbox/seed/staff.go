package seed

import (
	"strconv"

	"supportgraph/clients/accounts"
)

// teams are the teams, with the topics that go to them first.
var teams = []struct {
	name, description string
	topics            []string
}{
	{"Network", "DNS, routing and load balancing.", []string{"dns", "load_balancing", "registrar"}},
	{"Performance", "Cache, delivery and the API.", []string{"cache", "api"}},
	{"Developer Platform", "Workers and storage.", []string{"workers", "r2"}},
	{"Security", "Certificates, the firewall, Zero Trust.", []string{"tls", "waf", "zero_trust"}},
	{"Accounts and Billing", "Invoices, plans, access to accounts.", []string{"billing", "dashboard"}},
	{"Escalations", "What others could not solve.", nil},
}

func (w *World) makeStaff() {
	r := sequence(partStaff)
	founded := Anchor.Add(-1600 * day)
	for _, t := range teams {
		team := &accounts.Team{Name: t.name, Description: t.description, CreatedAt: founded}
		team.ID.UUID = r.id(founded)
		w.Teams = append(w.Teams, team)
	}
	taken := map[string]bool{}
	for i := range w.Scale.Agents {
		from := w.library.peoples[(i*7+3)%len(w.library.peoples)]
		shown, address := from.person(r)
		switch i { // two who are personas have the same name in every scale
		case 0:
			shown, address = "Mira Okafor", "mira.okafor"
		case 1:
			shown, address = "Tomás Lindqvist", "tomas.lindqvist"
		}
		joined := Anchor.Add(-r.age(450, 1500))
		agent := &accounts.Agent{
			Name: shown, Email: unique(taken, address, "support.example"), Role: accounts.AgentRoleAgent,
			TeamID: w.Teams[i%len(w.Teams)].ID, CreatedAt: joined,
		}
		agent.ID.UUID = r.id(joined)
		switch {
		case i == 1 || i >= len(w.Teams) && i < 2*len(w.Teams) && i != len(w.Teams)+1: // one for each team
			agent.Role = accounts.AgentRoleLead
		case i == 2*len(w.Teams)-1 || i == 2*len(w.Teams)+1:
			agent.Role = accounts.AgentRoleAdmin
		}
		if i >= len(w.Teams) && i%9 == 8 { // some have left
			agent.DeactivatedAt = ptr(Anchor.Add(-r.age(20, 300)))
		}
		w.Agents = append(w.Agents, agent)
	}
}

// unique is an address that nobody has yet.
func unique(taken map[string]bool, local, domain string) string {
	address := local + "@" + domain
	for n := 2; taken[address]; n++ {
		address = local + strconv.Itoa(n) + "@" + domain
	}
	taken[address] = true
	return address
}
