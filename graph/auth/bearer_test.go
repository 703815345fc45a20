package auth_test

import (
	"net/http"
	"strings"
	"testing"

	"supportgraph/graph/auth"
)

func TestBearer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		headers []string
		token   string
		code    auth.Code
	}{
		"good":           {[]string{"Bearer a.b-c_~+/="}, "a.b-c_~+/=", ""},
		"scheme in caps": {[]string{"BEARER a.b.c"}, "a.b.c", ""},
		"two spaces":     {[]string{"bearer  a.b.c"}, "a.b.c", ""},
		"no header":      {nil, "", auth.Unauthenticated},
		"empty header":   {[]string{""}, "", auth.Unauthenticated},
		"other scheme":   {[]string{"Basic YTpi"}, "", auth.Unauthenticated},
		"longer scheme":  {[]string{"Bearerx a"}, "", auth.Unauthenticated},
		"scheme alone":   {[]string{"Bearer"}, "", auth.Unauthenticated},
		"no token":       {[]string{"Bearer  "}, "", auth.Unauthenticated},
		"two headers":    {[]string{"Bearer a", "Bearer b"}, "", auth.TokenMalformed},
		"two tokens":     {[]string{"Bearer a b"}, "", auth.TokenMalformed},
		"space after":    {[]string{"Bearer a "}, "", auth.TokenMalformed},
		"tab":            {[]string{"Bearer \ta"}, "", auth.TokenMalformed},
		"list":           {[]string{"Bearer a,b"}, "", auth.TokenMalformed},
		"not ASCII":      {[]string{"Bearer ä"}, "", auth.TokenMalformed},
		"only padding":   {[]string{"Bearer =="}, "", auth.TokenMalformed},
		"padding inside": {[]string{"Bearer a=b"}, "", auth.TokenMalformed},
		"too long":       {[]string{"Bearer " + strings.Repeat("a", 8193)}, "", auth.TokenMalformed},
	} {
		request := &http.Request{Header: http.Header{}}
		for _, header := range test.headers {
			request.Header.Add("Authorization", header)
		}
		token, err := auth.Bearer(request)
		if got := code(t, err); token != test.token || got != test.code {
			t.Errorf("%s: %q, %q", name, token, got)
		}
	}
}
