
##@ PostgreSQL

.PHONY: test-postgres
test-postgres: ## Run all tests on PostgreSQL (on TEST_DATABASE_URL, or a server of their own)
	TEST_DATABASE_URL="$${TEST_DATABASE_URL:-temporary}" $(RUN) pytest $(ARGS)
