package seed

import (
	"fmt"
	"strconv"
	"strings"
)

// facts are what the texts of one ticket agree on.
type facts map[string]string

var regions = []string{"Western Europe", "South America", "Southeast Asia", "the Middle East", "Japan", "India", "Eastern Africa", "Oceania", "the west coast", "Scandinavia"}

var colos = []string{"FRA", "AMS", "CDG", "LHR", "GRU", "SIN", "NRT", "BOM", "DXB", "NBO", "SYD", "IAD", "SJC", "MAD", "WAW", "ARN"}

var scripts = []string{"checkout-api", "image-resizer", "geo-router", "session-store", "price-feed", "webhook-relay", "edge-auth", "search-proxy"}

// newFacts draws what a ticket about a zone is about.
func newFacts(r *random, zone string) facts {
	prefix := pick(r, []string{"www", "api", "shop", "static", "login", "app", "img", "eu"})
	return facts{
		"zone":    zone,
		"host":    prefix + "." + zone,
		"ip":      fmt.Sprintf("192.0.2.%d", r.between(1, 254)),
		"colo":    pick(r, colos),
		"region":  pick(r, regions),
		"worker":  pick(r, scripts),
		"bucket":  strings.ReplaceAll(strings.SplitN(zone, ".", 2)[0], ".", "-") + pick(r, []string{"-assets", "-backups", "-uploads", "-logs"}),
		"invoice": fmt.Sprintf("IN-%d", r.between(10_000_000, 99_999_999)),
		"amount":  fmt.Sprintf("$%d.%02d", r.between(20, 4_800), r.IntN(100)),
		"jira":    fmt.Sprintf("EDGE-%d", r.between(100, 9_999)),
		"time":    fmt.Sprintf("%02d:%02d", r.IntN(24), r.IntN(12)*5),
		"pct":     strconv.Itoa(r.between(2, 64)),
		"count":   strconv.Itoa(r.between(12, 980)),
		"days":    strconv.Itoa(r.between(2, 45)),
		"ms":      strconv.Itoa(r.between(20, 900)),
	}
}

// fill puts facts and chance into the places of a text: {zone} is a fact, {ray} another one each time.
func (f facts) fill(r *random, text string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	var out strings.Builder
	out.Grow(len(text) + 64)
	for {
		before, rest, found := strings.Cut(text, "{")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		place, after, _ := strings.Cut(rest, "}")
		if value, known := f[place]; known {
			out.WriteString(value)
			text = after
			continue
		}
		switch place {
		case "ray":
			out.WriteString(r.hex(16) + "-" + pick(r, colos))
		case "hex":
			out.WriteString(r.hex(32))
		case "small":
			out.WriteString(strconv.Itoa(r.between(3, 30)))
		case "digit":
			out.WriteString(strconv.Itoa(r.between(1, 9)))
		case "later":
			fmt.Fprintf(&out, "%02d:%02d", r.IntN(24), r.IntN(4)*15)
		default: // a brace of the text itself, as in JSON
			out.WriteByte('{')
			text = rest
			continue
		}
		text = after
	}
}

// transcript is what people paste when asked for details: long.
func (f facts) transcript(r *random) string {
	var out strings.Builder
	out.WriteString("Here is the whole output, sorry for the length:\n\n")
	for range r.between(40, 120) {
		fmt.Fprintf(&out, "    2026-11-%02dT%02d:%02d:%02d.%03dZ %s %s %s/%s status=%d cache=%s ray=%s-%s took=%dms\n",
			r.between(1, 19), r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(1000), pick(r, []string{"GET", "POST", "HEAD"}), f["ip"],
			f["host"], pick(r, []string{"index.html", "api/cart", "assets/app.js", "img/hero.webp", "login"}),
			pick(r, []int{200, 200, 200, 304, 403, 499, 502, 520, 522}), pick(r, []string{"HIT", "MISS", "DYNAMIC", "EXPIRED"}),
			r.hex(16), f["colo"], r.between(3, 4_000))
	}
	return out.String()
}
