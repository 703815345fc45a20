package vendors

import (
	"encoding/json"
	"net/http"
)

// mountControl mounts the control plane: POST a Fault to /_sandbox/faults to put it in force, DELETE them all, GET the
// calls so far from /_sandbox/stats.
func (s *Server) mountControl() {
	s.mux.HandleFunc("POST /_sandbox/faults", func(w http.ResponseWriter, r *http.Request) {
		var fault Fault
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10))
		decoder.DisallowUnknownFields()
		err := decoder.Decode(&fault)
		if err == nil {
			err = s.Break(fault)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	s.mux.HandleFunc("DELETE /_sandbox/faults", func(w http.ResponseWriter, _ *http.Request) {
		s.Heal()
		w.WriteHeader(http.StatusNoContent)
	})
	s.mux.HandleFunc("GET /_sandbox/stats", func(w http.ResponseWriter, _ *http.Request) {
		write(w, reply{status: http.StatusOK, body: s.Stats()}, Fault{})
	})
}
