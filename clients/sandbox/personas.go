package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// TokensPath is where a demonstration hands out its personas.
const TokensPath = "/demo/tokens"

// Tokens hands out the personas with fresh tokens.
func (s *Sandbox) Tokens(w http.ResponseWriter, _ *http.Request) {
	personas, err := s.Identity.Personas(s.World.Personas...)
	if err != nil {
		http.Error(w, "no tokens", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(personas) // a failed write means that nobody listens
}

// Announce tells whoever started a demonstration at an address who there is to be.
func (s *Sandbox) Announce(w io.Writer, address string) {
	fmt.Fprintf(w, "Tokens      %s%s\n\n", address, TokensPath)
	for _, persona := range s.Personas {
		fmt.Fprintf(w, "  %-20s %-9s %s\n", persona.Name, persona.Audience, persona.Description)
	}
	fmt.Fprintln(w, "\nCtrl-C stops everything.")
}
