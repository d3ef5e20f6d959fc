# Everything here installs what it needs and runs its own RabbitMQ and Redis on loopback; see scripts/.
.DEFAULT_GOAL := help
.PHONY: help run demo test conformance bench build format clean install services-up services-down services-status

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Start RabbitMQ, Redis and a worker, send it tasks from Python, stay up until Ctrl-C
	@scripts/run

demo: ## The same, ending with exit status 0 when every result is right
	@scripts/run --demo

test: ## Run every test: unit, integration, interop with Python's Celery
	@scripts/test

conformance: ## Run Celery's own integration suite against a Chard worker (options: CONFORMANCE='--fixed')
	@scripts/conformance $(CONFORMANCE)

bench: ## Measure Chard, Python's Celery and the C yardstick (options: BENCH='--help')
	@scripts/bench $(BENCH)

build: install ## Build chard and the example worker for release
	@scripts/build

install: ## Install missing Debian packages and the Python virtualenv
	@scripts/install

format: ## Format the Swift sources
	swift format --in-place --parallel --recursive Package.swift Sources Tests Examples

services-up: ## Start RabbitMQ, Redis, PostgreSQL, vector and model servers for development; prints where they are
	@scripts/install stores
	@scripts/services dev up all
	@echo '# for your shell:  eval "$$(scripts/services dev env)"' >&2

services-down: ## Stop the services of `services-up` and any that a killed command has left
	@scripts/services all down

services-status: ## Show every running service of this checkout
	@scripts/services all status

clean: ## Stop all services, delete what was built and .run
	@scripts/services all wipe
	rm -rf .build .run
