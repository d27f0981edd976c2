
##@ Redis

.PHONY: clear-cache
clear-cache: ## Forget everything that is cached
	@$(APP) redis clear-cache
