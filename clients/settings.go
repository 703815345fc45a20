package clients

import (
	"cmp"

	"supportgraph/clients/postgres"
	"supportgraph/clients/settings"
	"supportgraph/clients/upstream"
)

// Settings is what can be configured of the sources.
type Settings struct {
	DatabaseURL      postgres.Secret `env:"DATABASE_URL" production:"required" help:"postgres://user:password@host/database"`
	RedisURL         postgres.Secret `env:"REDIS_URL" production:"required" help:"redis://user:password@host:port/database"`
	CloudflareURL    string          `env:"CLOUDFLARE_URL" production:"required" help:"https://api.cloudflare.com/client/v4"`
	CloudflareToken  postgres.Secret `env:"CLOUDFLARE_TOKEN" production:"required" help:"a token that may read zones"`
	StripeURL        string          `env:"STRIPE_URL" production:"required" help:"https://api.stripe.com/v1"`
	StripeKey        postgres.Secret `env:"STRIPE_KEY" production:"required" help:"a key that may read customers and subscriptions"`
	StatuspageURL    string          `env:"STATUSPAGE_URL" production:"required" help:"https://status.example.com/api/v2"`
	SalesforceURL    string          `env:"SALESFORCE_URL" help:"https://example.my.salesforce.com; a vendor without an address is told as unavailable"`
	SalesforceClient string          `env:"SALESFORCE_CLIENT_ID" help:"of the connected app"`
	SalesforceSecret postgres.Secret `env:"SALESFORCE_CLIENT_SECRET" help:"of the connected app"`
	JiraURL          string          `env:"JIRA_URL" help:"https://example.atlassian.net/rest/api/3"`
	JiraUser         string          `env:"JIRA_USER" help:"the address whose token it is"`
	JiraToken        postgres.Secret `env:"JIRA_TOKEN" help:"a token that may read issues"`
	ZendeskURL       string          `env:"ZENDESK_URL" help:"https://example.zendesk.com/api/v2"`
	ZendeskUser      string          `env:"ZENDESK_USER" help:"graph@example.com/token: the address whose token it is"`
	ZendeskToken     postgres.Secret `env:"ZENDESK_TOKEN" help:"a token that may read tickets"`
}

// vendor is how one vendor is reached, and the variable of its address.
type vendor struct {
	key    string
	config upstream.Config
	of     func(*Config) *upstream.Config
}

func (s Settings) vendors() []vendor {
	return []vendor{
		{"CLOUDFLARE_URL", upstream.Config{BaseURL: s.CloudflareURL, Token: string(s.CloudflareToken)}, func(c *Config) *upstream.Config { return &c.Cloudflare }},
		{"STRIPE_URL", upstream.Config{BaseURL: s.StripeURL, Token: string(s.StripeKey)}, func(c *Config) *upstream.Config { return &c.Stripe }},
		{"STATUSPAGE_URL", upstream.Config{BaseURL: s.StatuspageURL}, func(c *Config) *upstream.Config { return &c.Statuspage }},
		{"SALESFORCE_URL", upstream.Config{BaseURL: s.SalesforceURL, User: s.SalesforceClient, Token: string(s.SalesforceSecret)}, func(c *Config) *upstream.Config { return &c.Salesforce.Config }},
		{"JIRA_URL", upstream.Config{BaseURL: s.JiraURL, User: s.JiraUser, Token: string(s.JiraToken)}, func(c *Config) *upstream.Config { return &c.Jira }},
		{"ZENDESK_URL", upstream.Config{BaseURL: s.ZendeskURL, User: s.ZendeskUser, Token: string(s.ZendeskToken)}, func(c *Config) *upstream.Config { return &c.Zendesk }},
	}
}

// Faults tells of addresses that cannot be used.
func (s *Settings) Faults() (faults []settings.Fault) {
	for _, vendor := range s.vendors() {
		if err := vendor.config.Validate(); vendor.config.BaseURL != "" && err != nil {
			faults = append(faults, settings.Fault{Key: vendor.key, Err: err})
		}
	}
	return faults
}

// Over is a configuration with what is set laid over it. A vendor's key without its address sets nothing.
func (s Settings) Over(config Config) Config {
	config.Postgres.URL = cmp.Or(s.DatabaseURL, config.Postgres.URL)
	config.Redis.URL = cmp.Or(s.RedisURL, config.Redis.URL)
	for _, vendor := range s.vendors() {
		if vendor.config.BaseURL != "" {
			*vendor.of(&config) = vendor.config
		}
	}
	return config
}
