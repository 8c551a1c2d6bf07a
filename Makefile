# Everything that a newcomer or the CI runs, under one name each. `make help` lists them.

SHELL := /bin/bash
# Where rustup puts cargo, for shells that have not heard of it yet.
export PATH := $(PATH):$(or $(CARGO_HOME),$(HOME)/.cargo)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test test-peers fuzz lint ci setup

help: ## list these targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1	\2/p' $(MAKEFILE_LIST)

# Built without what no demo uses and a newcomer would wait for; `cargo build --release` builds all of it.
demo: setup ## the demo shop in your browser; ARGS="--port 8080 --fresh" are passed on
	cargo run --profile demo --no-default-features -- demo $(ARGS)

test: setup ## all tests; ARGS="understand" runs those whose names contain it; TUAN_SKIP_BROWSER=1 spares the browser
	@[ "$(TUAN_SKIP_BROWSER)" = 1 ] || deploy/setup.sh browser
	cargo test $(ARGS)

test-peers: setup ## the chat platforms against programs by others, which are installed below target/peers
	@deploy/setup.sh peers
	@for peer in tests/peers/*/run; do echo "── $$peer"; "$$peer" || exit 1; done

fuzz: setup ## whatever is read from outside under fire, FUZZ_SECONDS=60 each, from FUZZ_SEED; ARGS="onebot::fuzz" for one
	CARGO_PROFILE_TEST_OPT_LEVEL=2 cargo test --lib $(or $(ARGS),fuzz::) -- --include-ignored --nocapture --test-threads 1

lint: setup ## format and clippy, warnings are errors
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	cargo clippy --no-default-features -- -D warnings

ci: lint test test-peers ## what the CI runs, without its timing

setup: ## install what is missing: PostgreSQL, a C compiler
	@deploy/setup.sh
