# Support Graph. `make help` lists what can be done; everything else is set up on the way.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

GO         ?= go
PACKAGES   ?= ./...
BENCHTIME  ?= 1s
FUZZTIME   ?= 20s
PLAYGROUND := graph/endpoint/playground
AUDITS     := graph/endpoint/testdata/audits
GENERATED  := graph/*.generated.go graph/compiled/*.generated_test.go graph/model/models_gen.go graph/contract/*.graphql graph/contract/*.graphqls
MANIFESTS  := graph/operations/*.json

# The race detector needs a C compiler. `make test` does without where there is none; `make check` insists.
RACE = $(shell command -v "$$($(GO) env CC | cut -d' ' -f1)" >/dev/null 2>&1 && echo -race)
RACY = $(if $(RACE),CGO_ENABLED=1)

# Go stamps the commit into the binary, and fails where git will not tell it, as in a checkout that somebody else owns.
BUILD = $(GO) build $(shell git rev-parse HEAD >/dev/null 2>&1 || echo -buildvcs=false) -o support-graph .

.PHONY: help
help: ## List what can be done
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: deps playground ## Run everything here: database, vendors, sample data, playground (ARGS="--listen :9000")
	@$(BUILD)
	@ENVIRONMENT=$${ENVIRONMENT:-demo} exec ./support-graph $(ARGS)

.PHONY: test
test: deps playground audits ## Run the tests (PACKAGES=./loaders/... for some of them)
	$(RACY) $(GO) test $(RACE) $(PACKAGES)

.PHONY: check
check: deps playground audits ## Everything that must hold before a change goes in
	@$(MAKE) drift
	@$(MAKE) floors
	@$(MAKE) schema
	@$(MAKE) lint
	@test -n "$(RACE)" || { echo "make check needs a C compiler, such as gcc, for the race detector" >&2; exit 1; }
	CGO_ENABLED=1 $(GO) test -race ./...

.PHONY: build
build: playground ## Build the binary
	$(BUILD)

.PHONY: generate
generate: ## Generate the executor, the models, the contracts of the audiences and the manifests of their documents
	@rm -f $(GENERATED)
	$(GO) run ./graph/compiled/generate
	$(GO) run ./graph/contract/generate
	$(GO) run ./graph/operations/generate

# What is generated now must be what is committed: compared without git, so that it holds in any checkout.
.PHONY: drift
drift:
	@before=$$(mktemp -d) && after=$$(mktemp -d) && trap 'rm -rf "$$before" "$$after"' EXIT && \
	keep() { for f in $(GENERATED) $(MANIFESTS); do test ! -f "$$f" || cp "$$f" "$$1/$$(echo "$$f" | tr / _)" || exit 1; done; } && \
	keep "$$before" && $(MAKE) generate && keep "$$after" && \
	diff -ru "$$before" "$$after" || { echo "generated files were out of date; commit what make generate made of them" >&2; exit 1; }

.PHONY: bench
bench: deps ## Measure the reads: time, allocations and calls per operation (BENCHTIME=5s for calmer numbers)
	$(GO) test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) -timeout 30m ./resolvers ./loaders

.PHONY: fuzz
fuzz: ## Fuzz what reads foreign bytes, FUZZTIME each
	@for package in $$($(GO) list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' "$$package" | grep '^Fuzz'); do \
	    echo "$$package $$target"; \
	    $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$package" || exit 1; \
	  done; \
	done

.PHONY: schema
schema: ## Check the schema: the rules of the house, and that no contract breaks what clients rely on
	@$(GO) run ./graph/contract/generate -check

# What clients may rely on is the contracts in graph/contract/released, as they were when somebody last did this.
.PHONY: release
release: ## Take the present contracts for those that clients rely on
	@$(GO) run ./graph/contract/generate -release

# The floors of the house: an import goes to a lower floor, or stays in its own folder. Tests obey too, but they may
# start the sandbox, which the program itself does in server.go alone.
.PHONY: floors
floors: ## Check that no import goes up, or across
	@{ $(GO) list -f '{{$$p := .ImportPath}}{{range .Imports}}{{$$p}} {{.}} code{{"\n"}}{{end}}' ./... && \
	   $(GO) list -f '{{$$p := .ImportPath}}{{range .TestImports}}{{$$p}} {{.}} test{{"\n"}}{{end}}{{range .XTestImports}}{{$$p}} {{.}} test{{"\n"}}{{end}}' ./...; } | awk '\
	function top(path) { sub("^supportgraph/?", "", path); sub("/.*", "", path); return path } \
	function bad(why) { printf "%s imports %s%s: %s\n", $$1, $$2, $$3 == "test" ? " in a test" : "", why; failed = 1 } \
	BEGIN { floor[""] = 4; floor["resolvers"] = 3; floor["graph"] = 2; floor["loaders"] = 2; floor["clients"] = 1 } \
	NF < 3 { next } \
	{ from = top($$1) } \
	!(from in floor) { printf "%s has no floor in the house\n", $$1; failed = 1; next } \
	$$1 ~ "/(util|utils|common|helpers|types|base|vendor)(/|$$)" { printf "%s: name a folder for what it holds\n", $$1; failed = 1 } \
	$$2 ~ "^github.com/(99designs/gqlgen|vektah/gqlparser)" && from == "clients" { bad("clients never see GraphQL") } \
	$$2 ~ "^github.com/graph-gophers/dataloader" && from != "loaders" { bad("only loaders batches") } \
	$$2 !~ "^supportgraph(/|$$)" { next } \
	{ to = top($$2) } \
	to != from && floor[to] >= floor[from] { bad("an import goes to a lower floor or stays in its own folder") } \
	$$1 == "supportgraph/graph/auth" && $$3 == "code" { bad("auth imports nothing of ours") } \
	$$2 ~ "^supportgraph/clients/sandbox" && $$3 == "code" && from != "" && $$1 !~ "^supportgraph/clients/sandbox" \
	  { bad("the sandbox is for server.go and tests") } \
	END { exit failed }'

# ST1003 would have Sla be SLA, but the contract's names are ours and gqlgen's to follow. gqlgen also wants both directions
# of every scalar, of which one may never be called.
.PHONY: lint
lint: ## Check format, vet, staticcheck, and code that nothing reaches
	@unformatted=$$(find . -name '*.go' -not -path './.*' -not -path '*/node_modules/*' -exec gofmt -l {} +); \
	  test -z "$$unformatted" || { echo "not formatted (gofmt -w):"; echo "$$unformatted"; exit 1; } >&2
	$(GO) vet ./...
	$(GO) tool staticcheck -checks all,-ST1003 ./...
	@dead=$$($(GO) tool deadcode -test ./... 2>&1) || { echo "$$dead" >&2; exit 1; }; \
	  dead=$$(echo "$$dead" | grep -v '^graph/model/.*: unreachable func: \(Unm\|M\)arshal'); \
	  test -z "$$dead" || { echo "nothing reaches:"; echo "$$dead"; exit 1; } >&2

# The libraries of the playground come from npm, by lock file. Where that cannot be, the page says so by itself.
.PHONY: playground
playground: ## Build the playground's libraries into the binary's folder (needs npm; skipped where it is missing)
	@cd $(PLAYGROUND) && stamp=node_modules/.built && \
	if [ -f $$stamp ] && ls assets/*/*.gz >/dev/null 2>&1 && \
	   [ -z "$$(find package.json package-lock.json libraries.json build.mjs -newer $$stamp)" ]; then :; \
	elif ! command -v npm >/dev/null 2>&1; then \
	  echo "npm is not installed: the playground will load its libraries from the network" >&2; \
	elif npm ci --no-audit --no-fund --ignore-scripts --loglevel=error && npm run --silent build; then touch $$stamp; \
	else echo "npm failed: the playground will load its libraries from the network" >&2; fi

# What the endpoint is held to comes from npm too. Without it the test that asks is skipped, and says so.
.PHONY: audits
audits: ## Install the GraphQL-over-HTTP audits (needs npm; skipped where it is missing)
	@cd $(AUDITS) && stamp=node_modules/.installed && \
	if [ -f $$stamp ] && [ -z "$$(find package.json package-lock.json -newer $$stamp)" ]; then :; \
	elif ! command -v npm >/dev/null 2>&1; then echo "npm is not installed: the GraphQL-over-HTTP audits will be skipped" >&2; \
	elif npm ci --no-audit --no-fund --ignore-scripts --loglevel=error; then touch $$stamp; \
	else echo "npm failed: the GraphQL-over-HTTP audits will be skipped" >&2; fi

.PHONY: deps
deps: ## Install what is missing: the programs of Postgres and Redis, through the system's package manager
	@$(installed) || { $(install); }

# Binaries are all we need: no cluster is created and no service started, and what we change to keep it so is undone.
installed = pg=; for p in "$$(command -v initdb)" /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb \
	/usr/libexec/postgresql*/initdb /usr/lib/postgresql*/bin/initdb /usr/local/pgsql/bin/initdb \
	/opt/homebrew/opt/postgresql*/bin/initdb /usr/local/opt/postgresql*/bin/initdb \
	/home/linuxbrew/.linuxbrew/opt/postgresql*/bin/initdb; do if [ -x "$$p" ]; then pg=1; break; fi; done; \
	kv=; for p in redis-server valkey-server; do if command -v $$p >/dev/null 2>&1; then kv=1; break; fi; done; \
	[ -n "$$pg" ] && [ -n "$$kv" ]

define apt
export DEBIAN_FRONTEND=noninteractive; \
policy=/usr/sbin/policy-rc.d; cluster=/etc/postgresql-common/createcluster.conf; \
if [ ! -e $$policy ]; then printf "#!/bin/sh\nexit 101\n" >$$policy; chmod +x $$policy; else policy=; fi; \
trap "rm -f \$$policy; if [ -f $$cluster.kept ]; then mv -f $$cluster.kept $$cluster; fi" EXIT; trap "exit 130" INT TERM; \
apt-get update -qq && apt-get install -yqq --no-install-recommends postgresql-common redis-server && \
if [ -f $$cluster ]; then cp -p $$cluster $$cluster.kept; fi && echo "create_main_cluster = false" >>$$cluster && \
apt-get install -yqq --no-install-recommends postgresql
endef

install = echo "installing the programs of PostgreSQL and Redis" >&2; as=; \
	if [ "$$(id -u)" != 0 ]; then \
	  if command -v sudo >/dev/null 2>&1 && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then as=sudo; \
	  elif ! command -v brew >/dev/null 2>&1; then as=nobody; fi; \
	fi; \
	if [ "$$as" = nobody ]; then \
	  echo "PostgreSQL (13 or newer) and Redis are missing, and installing them needs root: install the packages postgresql" >&2; \
	  echo "and redis-server with your package manager, or run make once as root or where sudo works." >&2; exit 1; \
	elif command -v brew >/dev/null 2>&1; then brew install postgresql@17 redis; \
	elif command -v apt-get >/dev/null 2>&1; then $$as sh -c '$(apt)'; \
	elif command -v dnf >/dev/null 2>&1; then $$as dnf install -y postgresql-server && { $$as dnf install -y redis || $$as dnf install -y valkey; }; \
	elif command -v apk >/dev/null 2>&1; then $$as apk add --no-cache postgresql && { $$as apk add --no-cache redis || $$as apk add --no-cache valkey; }; \
	elif command -v pacman >/dev/null 2>&1; then $$as pacman -Sy --needed --noconfirm postgresql && { $$as pacman -S --needed --noconfirm valkey || $$as pacman -S --needed --noconfirm redis; }; \
	else echo "no package manager that we know (apt-get, dnf, apk, pacman, brew): install PostgreSQL and Redis by hand" >&2; exit 1; \
	fi >&2 && { $(installed); } || { echo "PostgreSQL and Redis could not be installed: see above" >&2; exit 1; }
