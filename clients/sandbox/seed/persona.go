package seed

import "supportgraph/clients/sandbox/identity"

// makePersonas names those of the world whom a person at the demonstration can be.
func (w *World) makePersonas() {
	staff := func(persona, subject, role, description string) {
		w.Personas = append(w.Personas, identity.Role{
			Persona: persona, Issuer: identity.Workforce, Subject: subject, Role: role, Description: description,
		})
	}
	customer := func(persona, email, description string) {
		for _, contact := range w.Contacts {
			if contact.Email == email {
				w.Personas = append(w.Personas, identity.Role{
					Persona: persona, Issuer: identity.Customers, Subject: contact.ID.String(), Description: description,
				})
			}
		}
	}
	staff("Mira, agent", w.Agents[0].ID.String(), identity.Agent, "Support agent in the team Network; sees every ticket, internal notes included.")
	staff("Tomás, team lead", w.Agents[1].ID.String(), identity.Agent, "Lead of the team Performance; sees what agents see.")
	staff("Eng, engineer", "eng.explorer", identity.Engineer, "Engineer in the explorer; reads everything, changes nothing.")
	customer("Dana, whole group", groupContact, "Customer at Northwind Retail Group; sees the tickets of the group and of every company below it.")
	customer("Jonas, one company", singleContact, "Customer at Blauwal Logistik SE; sees all tickets of that one account.")
	customer("Amara, own cases", ownContact, "Customer at Juniper Bay Hospitals; sees only tickets that she asked or takes part in.")
}
