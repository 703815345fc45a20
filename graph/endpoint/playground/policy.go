package playground

import "strings"

// policy is the page's content policy. Scripts come from our origin only, or from the exact addresses of the pinned
// libraries where they were not built in; nothing inline and no eval. Styles need one exception, the nonce: GraphiQL's
// dialogs put a style element of their own into the page to hold the background still, and sign it with the nonce that
// main.js hands over. Fonts lie inside GraphiQL's style sheet as data. Requests go to our own origin alone.
func (v view) policy() string {
	scripts := []string{"script-src", "'self'"}
	styles := []string{"style-src", "'self'", "'nonce-" + v.Settings.Nonce + "'"}
	if !v.Embedded {
		for _, t := range v.Scripts {
			scripts = append(scripts, t.URL)
		}
		for _, t := range v.Styles {
			if strings.HasPrefix(t.URL, network) {
				styles = append(styles, t.URL)
			}
		}
	}
	return strings.Join([]string{
		"default-src 'none'",
		strings.Join(scripts, " "),
		strings.Join(styles, " "),
		"font-src data:",
		"img-src 'self' data:",
		"connect-src 'self'",
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
	}, "; ")
}
