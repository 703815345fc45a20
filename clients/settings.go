package clients

import (
	"cmp"
	"errors"
	"regexp"
	"strings"

	"supportgraph/clients/postgres"
	"supportgraph/clients/salesforce"
	"supportgraph/clients/settings"
	"supportgraph/clients/upstream"
)

// Settings is what can be configured of the sources.
type Settings struct {
	DatabaseURL        postgres.Secret `env:"DATABASE_URL" production:"required" help:"postgres://user:password@host/database"`
	RedisURL           postgres.Secret `env:"REDIS_URL" production:"required" help:"redis://user:password@host:port/database"`
	CloudflareURL      string          `env:"CLOUDFLARE_URL" production:"required" help:"https://api.cloudflare.com/client/v4"`
	CloudflareToken    postgres.Secret `env:"CLOUDFLARE_TOKEN" production:"required" help:"a token that may read zones, account settings and billing"`
	StripeURL          string          `env:"STRIPE_URL" production:"required" help:"https://api.stripe.com/v1"`
	StripeKey          postgres.Secret `env:"STRIPE_KEY" production:"required" help:"a key that may read customers and subscriptions"`
	StatuspageURL      string          `env:"STATUSPAGE_URL" production:"required" help:"https://status.example.com/api/v2"`
	SalesforceURL      string          `env:"SALESFORCE_URL" help:"https://example.my.salesforce.com; a vendor without an address is told as unavailable"`
	SalesforceClient   string          `env:"SALESFORCE_CLIENT_ID" help:"of the connected app"`
	SalesforceSecret   postgres.Secret `env:"SALESFORCE_CLIENT_SECRET" help:"of the connected app"`
	SalesforceSegment  string          `env:"SALESFORCE_SEGMENT_FIELD" envDefault:"Type" help:"API name of the field of Account with a customer's segment"`
	SalesforceRenewal  string          `env:"SALESFORCE_RENEWAL_FIELD" help:"API name of the date on which the contract ends, as Renewal_Date__c; none: not read"`
	SalesforceValue    string          `env:"SALESFORCE_VALUE_FIELD" help:"API name of the contract's value, as Contract_Value__c; none: not read"`
	SalesforceCurrency string          `env:"SALESFORCE_CURRENCY" help:"of all amounts, as EUR; or the API name of the field that holds it, CurrencyIsoCode"`
	JiraURL            string          `env:"JIRA_URL" help:"https://example.atlassian.net/rest/api/3"`
	JiraUser           string          `env:"JIRA_USER" help:"the address whose token it is"`
	JiraToken          postgres.Secret `env:"JIRA_TOKEN" help:"a token that may read issues"`
	ZendeskURL         string          `env:"ZENDESK_URL" help:"https://example.zendesk.com/api/v2"`
	ZendeskUser        string          `env:"ZENDESK_USER" help:"graph@example.com/token: the address whose token it is"`
	ZendeskToken       postgres.Secret `env:"ZENDESK_TOKEN" help:"a token that may read tickets"`
	Mode               string          `env:"MODE" envDefault:"both" oneof:"serve,worker,both" help:"serve answers requests, worker does the work in the background"`
	ZendeskWebhook     postgres.Secret `env:"ZENDESK_WEBHOOK_SECRETS" help:"of the webhook to /webhooks/zendesk; two, with a comma, while one replaces the other; so for all vendors"`
	StripeWebhook      postgres.Secret `env:"STRIPE_WEBHOOK_SECRETS" help:"whsec_...: of the endpoint /webhooks/stripe"`
	JiraWebhook        postgres.Secret `env:"JIRA_WEBHOOK_SECRETS" help:"of the webhook to /webhooks/jira"`
	StatusWebhook      postgres.Secret `env:"STATUSPAGE_WEBHOOK_SECRETS" help:"the unguessable end of the path /webhooks/statuspage/..."`
	CloudflareHook     postgres.Secret `env:"CLOUDFLARE_WEBHOOK_SECRETS" help:"of the notifications to /webhooks/cloudflare"`
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
	for _, field := range []struct{ key, name string }{
		{"SALESFORCE_SEGMENT_FIELD", s.SalesforceSegment}, {"SALESFORCE_RENEWAL_FIELD", s.SalesforceRenewal},
		{"SALESFORCE_VALUE_FIELD", s.SalesforceValue}, {"SALESFORCE_CURRENCY", s.SalesforceCurrency},
	} {
		if field.name != "" && !apiName.MatchString(field.name) {
			faults = append(faults, settings.Fault{Key: field.key, Err: errors.New("the API name of a field has letters, digits and underscores alone")})
		}
	}
	return faults
}

// apiName is the name of a field in Salesforce's API.
var apiName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// organisation is what an organisation names for itself in Salesforce.
func (s Settings) organisation(config salesforce.Config) salesforce.Config {
	config.Currency = ""
	config.Fields = salesforce.Fields{Segment: s.SalesforceSegment, RenewalDate: s.SalesforceRenewal, ContractValue: s.SalesforceValue}
	if len(s.SalesforceCurrency) == len("EUR") {
		config.Currency = s.SalesforceCurrency
	} else {
		config.Fields.Currency = s.SalesforceCurrency
	}
	return config
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
	if s.SalesforceURL != "" {
		config.Salesforce = s.organisation(config.Salesforce)
	}
	config.Jobs.Work = s.Mode != "serve"
	for _, given := range []struct {
		secrets postgres.Secret
		to      *[]string
	}{
		{s.ZendeskWebhook, &config.Webhooks.Zendesk}, {s.StripeWebhook, &config.Webhooks.Stripe}, {s.JiraWebhook, &config.Webhooks.Jira},
		{s.StatusWebhook, &config.Webhooks.Statuspage}, {s.CloudflareHook, &config.Webhooks.Cloudflare},
	} {
		if given.secrets != "" {
			*given.to = strings.Split(string(given.secrets), ",")
		}
	}
	return config
}

// Serves tells whether the process answers requests.
func (s Settings) Serves() bool { return s.Mode != "worker" }
