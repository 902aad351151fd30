# The only front door. Each target does its own set-up on a bare machine.
SHELL := bash
BIN := target/release
CANISTERS := wallet beacon draws vault timelock
# Canisters that tests and the development network need; they are no products.
DEV_CANISTERS := ledger bitcoin-standin evm-rpc-standin sol-rpc-standin
# What npm installs for the chains of the tests.
ETHEREUM := tests/chains/ethereum
# A workspace of its own, because its dependencies turn on features of ours: tests/solana/Cargo.toml says why.
SOLANA := --locked --release --manifest-path tests/solana/Cargo.toml --target-dir target
unexport CARGO_TARGET_DIR
export POCKET_IC_BIN ?= $(CURDIR)/$(BIN)/chainkey

.PHONY: help setup check build wasm ethereum test test-canisters unit demo up soak scale bench bench-peers candid frontend
help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 24

setup: # what a bare machine misses: a linker, npm, what Bitcoin Core's kernel is built with, the Wasm target
	@{ command -v cc && command -v npm && command -v cmake && test -d /usr/include/boost; } > /dev/null || (apt-get update && apt-get install -y --no-install-recommends build-essential nodejs npm cmake libboost-dev)
	@test -d "$$(rustc --print target-libdir --target wasm32-unknown-unknown)" || rustup target add wasm32-unknown-unknown

check: setup ## format, clippy with warnings as errors, house rules, schemas, licences
	cargo fmt --all --check
	cargo fmt --manifest-path tests/solana/Cargo.toml --check
	cargo clippy --locked --workspace --all-targets --release -- -D warnings
	cargo clippy $(SOLANA) --all-targets -- -D warnings
	cargo test --locked --release --workspace --test tidy --test schemas --test licences

build: setup wasm ## the binaries and the canisters
	cargo build --locked --release --workspace --bins
	cargo build $(SOLANA) --bins

wasm: setup ## the canisters only
	cargo build --locked --profile wasm --target wasm32-unknown-unknown $(CANISTERS:%=-p %) $(DEV_CANISTERS:%=-p %)

ethereum: $(ETHEREUM)/node_modules/.package-lock.json # the EVM of the tests and the compiler of their contracts

$(ETHEREUM)/node_modules/.package-lock.json: $(ETHEREUM)/package-lock.json | setup
	cd $(ETHEREUM) && npm ci --ignore-scripts --no-fund --no-audit
	@touch $@

unit: setup # every test beside the code it tests
	cargo test --locked --release --workspace --lib --bins
	cargo test --locked --release --workspace --doc
	cargo test $(SOLANA)
	cd tests/draws-js && npm ci --ignore-scripts --no-fund --no-audit && npm test

test-canisters: build ethereum ## the tests that drive a server; POCKET_IC_BIN chooses another one
	cargo test --locked --release --workspace --test '*'
	cd tests/pic-js && npm ci --ignore-scripts --no-fund --no-audit && npm test

test: check unit test-canisters demo frontend ## everything

demo: build ethereum ## the main job without a person; writes target/demo.json
	$(BIN)/demo

up: build ethereum ## the demo, and the network stays
	$(BIN)/demo --stay

soak: setup ## many lives of subnets with faulty nodes, and of wallets: make soak SEEDS=10000 STEPS=1000000
	CHAINKEY_SOAK_SEEDS=$(or $(SEEDS),1000) cargo test --locked --release -p chainkey-subnet --test simulations seeds_of_the_long_run
	CHAINKEY_WALLET_STEPS=$(or $(STEPS),1000000) cargo test --locked --release -p wallet --lib -- nothing_happens_that_the_rules_do_not_allow no_coin_is_spent_by_two_payments

# About ten minutes of a quiet machine.
scale: build ## what the wallet's calls cost, also among 100 000 proposals: make scale PROPOSALS=10000
	CHAINKEY_WALLET_PROPOSALS=$(or $(PROPOSALS),100000) cargo test --locked --release -p chainkey-tests --test costs --test scale -- --nocapture

bench: build ## criterion; writes target/bench.json
	cargo bench --locked --profile release --workspace --bench '*'

# A workspace of its own and a long compilation of other people's libraries: neither `make check` nor `make test` builds it.
bench-peers: setup ## the protocols beside cggmp24 and frost; writes target/bench-peers.json
	cargo bench --locked --manifest-path benches/peers/Cargo.toml --target-dir target

candid: setup ## compare the code with candid/ and generate the frontend's bindings
	cargo test --locked --release --lib $(CANISTERS:%=-p %) $(DEV_CANISTERS:%=-p %) the_exported_interface_equals_the_candid_file
	$(MAKE) frontend

frontend: setup ## the page and its bindings
	cd frontend && npm ci --no-fund --no-audit && npm run build
