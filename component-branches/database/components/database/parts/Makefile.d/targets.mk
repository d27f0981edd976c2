
##@ Database

.PHONY: migrate
migrate: ## Apply the pending migrations
	@$(APP) db migrate

.PHONY: migration
migration: ## Write a migration from the models (m="add orders")
	@$(APP) db revision "$(m)"

.PHONY: db-status
db-status: ## Show tables and migrations
	@$(APP) db status

.PHONY: backup
backup: ## Make a verified copy of the database
	@$(APP) db backup
