# Everything runs through npm, which puts the project's own Node 24 first on the path: whatever Node the
# machine has only installs it. `make help` lists the goals.
.DEFAULT_GOAL := help
.PHONY: help test check demo demo-clean build image clean
# A recipe that fails leaves nothing half done behind.
.DELETE_ON_ERROR:

IMAGE ?= shorefast:dev
ONCE ?=
installed := node_modules/.package-lock.json

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

test: $(installed) ## every test, real engine, registry, Git server and Prometheus included
	@npm run --silent test:all 2>&1

check: $(installed) ## format, lint, types, dead code, unit tests: in a minute, without an engine
	@npm run --silent check

demo: $(installed) ## the daemon and the example state repo on an engine; ONCE=1 ends when all has converged
	@ONCE=$(ONCE) npm run --silent demo

demo-clean: $(installed) ## removes every trace of the demo
	@npm run --silent demo:clean

build: $(installed) ## dist/shorefast.mjs, the program in one file
	@npm run --silent build

image: ## the image IMAGE (default shorefast:dev), by the docker command
	docker build --build-arg BUILD_REVISION="$$(git rev-parse --short=12 HEAD)" --tag $(IMAGE) .

clean: ## removes what was built and installed
	rm -rf dist coverage .cache node_modules

# Only when the lock file has changed: npm writes this file last, with the time of that moment.
$(installed): package-lock.json
	@command -v npm > /dev/null || $(MAKE) --no-print-directory install-npm
	@echo "installing the packages of package-lock.json" >&2
	@npm ci --no-audit --no-fund --no-update-notifier --loglevel=error >&2
	@touch $@

.PHONY: install-npm
install-npm:
	@if [ "$$(id -u)" != 0 ] || ! command -v apt-get > /dev/null; then \
	  echo "npm is missing: install Node.js with npm first (any version that runs npm ci)" >&2; exit 1; fi
	@echo "npm is missing: installing nodejs and npm with apt-get" >&2
	@export DEBIAN_FRONTEND=noninteractive; \
	  set -- apt-get -qq -o DPkg::Lock::Timeout=120 install --yes --no-install-recommends nodejs npm; \
	  { "$$@" || { apt-get -qq update && "$$@"; }; } >&2
