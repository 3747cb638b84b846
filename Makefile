# Everything that one needs to do here. `make help` prints it.

GO       ?= go
LINT     := $(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
DEMO     ?=
BENCH    ?= .
FUZZTIME ?= 60s

.DEFAULT_GOAL := help
.PHONY: help build demo test lint fmt generate bench fuzz compose-check clean

help: ## print this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/leastwise
	@CGO_ENABLED=0 $(GO) build -trimpath -o bin/leastwise ./cmd/leastwise

demo: build ## collect a simulated organization through the real pipeline (DEMO="--accounts 20 --keep" for flags)
	@./bin/leastwise demo $(DEMO)

test: ## run every test, the end-to-end tests included, with the race detector
	$(GO) test -race -timeout 30m ./...

lint: ## run the linters
	$(LINT) run ./...

fmt: ## format the code
	$(LINT) fmt ./...

generate: ## rebuild the embedded catalog from its npm packages
	$(GO) generate ./catalog

bench: ## run the benchmarks; each prints its ratio to a limit measured in the same run (BENCH=regexp)
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -timeout 30m ./...

fuzz: ## fuzz every parser for FUZZTIME each
	@for pkg in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
	    echo "$$pkg $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
	  done; done

compose-check: ## check docker-compose.yml (needs docker-compose or docker compose)
	@env=$$(mktemp) && sh deploy/env.sh > $$env && \
	  { if command -v docker-compose >/dev/null; then docker-compose --env-file $$env config -q; \
	    else docker compose --env-file $$env config -q; fi; }; status=$$?; rm -f $$env; exit $$status

clean: ## remove what was built
	rm -rf bin
