package identity

import (
	"fmt"
	"time"
)

// demoLifetime is how long a persona's token works: a day of demonstration.
const demoLifetime = 24 * time.Hour

// Persona is somebody to be in the demonstration, with a token that proves it. The JSON is that of /demo/tokens.
type Persona struct {
	Name        string `json:"persona"`
	Audience    string `json:"audience"`
	Description string `json:"description"`
	Token       string `json:"token"`
}

// Role is somebody of the seed data who shall be a persona.
type Role struct {
	Persona     string // what the persona is called
	Issuer      string // Customers or Workforce
	Subject     string // con_..., agt_... or an engineer's name
	Role        string // of the workforce: Agent or Engineer; empty for customers
	Description string // a sentence on what the persona sees
}

// Personas mints a token for each role, valid for a day from now.
func (p *Provider) Personas(roles ...Role) ([]Persona, error) {
	personas := make([]Persona, 0, len(roles))
	for _, role := range roles {
		token, err := p.Token(Grant{
			Issuer:   role.Issuer,
			Subject:  role.Subject,
			Role:     role.Role,
			Name:     role.Persona,
			Lifetime: demoLifetime,
		})
		if err != nil {
			return nil, fmt.Errorf("make the persona %q: %w", role.Persona, err)
		}
		personas = append(personas, Persona{
			Name:        role.Persona,
			Audience:    opens(role.Issuer, role.Role),
			Description: role.Description,
			Token:       token,
		})
	}
	return personas, nil
}
