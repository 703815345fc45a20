package auth_test

import (
	"fmt"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

func BenchmarkVerifyWarm(b *testing.B) {
	p := newProvider(b)
	key := ecKey(b)
	p.publish(map[string]any{"a": key})
	v := verifier(b, p.issuer("https://a.example", "ES256"))
	token := sign(b, jwt.SigningMethodES256, "a", key, claims(nil))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := v.Verify(b.Context(), token); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func BenchmarkVerifyCold(b *testing.B) {
	p := newProvider(b)
	keys := map[string]any{"ES256": ecKey(b), "EdDSA": edKey(b), "RS256": rsaKey(b, 2048)}
	p.publish(keys)
	issuer := p.issuer("https://a.example", "ES256", "EdDSA", "RS256")
	for _, name := range []string{"ES256", "EdDSA", "RS256"} {
		b.Run(name, func(b *testing.B) {
			tokens := make([]string, 512)
			for n := range tokens {
				tokens[n] = sign(b, jwt.GetSigningMethod(name), name, keys[name], claims(jwt.MapClaims{"jti": fmt.Sprint(n)}))
			}
			v := verifier(b, issuer)
			b.ReportAllocs()
			for n := range b.N {
				if n%len(tokens) == 0 { // a verifier that remembers none of them, and has its keys
					b.StopTimer()
					v = verifier(b, issuer)
					if _, err := v.Verify(b.Context(), tokens[0]+"x"); err == nil {
						b.Fatal("accepted a broken token")
					}
					b.StartTimer()
				}
				if _, err := v.Verify(b.Context(), tokens[n%len(tokens)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
